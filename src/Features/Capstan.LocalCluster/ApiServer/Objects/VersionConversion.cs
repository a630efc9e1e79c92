using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Objects;

/// <summary>Objects that are served in more versions than the stored one. For custom resources only <c>apiVersion</c> changes (conversion None).</summary>
internal static class VersionConversion
{
    public static YamlMap ToStorage(ServedResource resource, YamlMap tree)
    {
        var stored = resource.StoredAs == "events" ? "v1" : resource.ApiVersion(resource.StorageVersion);
        if (tree.Text("apiVersion") == stored)
        {
            return tree;
        }

        if (resource.Kind == "HorizontalPodAutoscaler" && resource.Group == "autoscaling")
        {
            tree = AutoscalerToV2(tree);
        }
        else if (resource.StoredAs == "events")
        {
            tree = RenameEvent(tree, toCore: true);
        }

        return tree.With("apiVersion", stored);
    }

    public static YamlMap ToVersion(ServedResource resource, string version, YamlMap tree)
    {
        var wanted = resource.ApiVersion(version);
        if (tree.Text("apiVersion") == wanted)
        {
            return tree;
        }

        if (resource.Kind == "HorizontalPodAutoscaler" && resource.Group == "autoscaling" && version == "v1")
        {
            tree = AutoscalerToV1(tree);
        }
        else if (resource.StoredAs == "events")
        {
            tree = RenameEvent(tree, toCore: false);
        }

        return tree.With("apiVersion", wanted);
    }

    private static YamlMap AutoscalerToV2(YamlMap tree) => tree.Change("spec", spec =>
    {
        if (spec.Number("targetCPUUtilizationPercentage") is not { } percent)
        {
            return spec;
        }

        var metric = YamlMap.Of(("type", "Resource"), ("resource", YamlMap.Of(
            ("name", "cpu"), ("target", YamlMap.Of(("type", "Utilization"), ("averageUtilization", percent))))));
        return spec.Without("targetCPUUtilizationPercentage").With("metrics", YamlList.Create([metric]));
    });

    private static YamlMap AutoscalerToV1(YamlMap tree) => tree.Change("spec", spec =>
    {
        var cpu = spec.Maps("metrics").FirstOrDefault(m => m.Text("resource", "name") == "cpu");
        var percent = cpu?.Number("resource", "target", "averageUtilization");
        spec = spec.Without("metrics").Without("behavior");
        return percent is null ? spec : spec.With("targetCPUUtilizationPercentage", percent.Value);
    });

    private static readonly (string Core, string Events)[] EventNames =
    [
        ("involvedObject", "regarding"), ("message", "note"), ("source", "deprecatedSource"), ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"), ("count", "deprecatedCount"), ("reportingComponent", "reportingController"),
    ];

    private static YamlMap RenameEvent(YamlMap tree, bool toCore)
    {
        foreach (var (core, events) in EventNames)
        {
            var (from, to) = toCore ? (events, core) : (core, events);
            if (tree[from] is { } value)
            {
                tree = tree.Without(from).With(to, value);
            }
        }

        return tree;
    }
}
