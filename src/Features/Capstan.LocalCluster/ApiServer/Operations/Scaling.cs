using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Operations;

/// <summary>The <c>Scale</c> of an object: a view on the wanted and actual number.</summary>
internal static class Scaling
{
    public static YamlMap Of(Target target, YamlMap tree)
    {
        var paths = target.Resource.Scale ?? throw ApiErrors.NoSuchPath();
        var metadata = tree.MapAt("metadata");
        var about = YamlMap.Empty;
        foreach (var key in (ReadOnlySpan<string>)["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            about = about.Like(metadata, key);
        }

        var status = YamlMap.Of(("replicas", tree.Number(paths.StatusReplicas) ?? 0));
        if (SelectorText(tree, paths.Selector) is { Length: > 0 } selector)
        {
            status = status.With("selector", selector);
        }

        return YamlMap.Of(("kind", "Scale"), ("apiVersion", "autoscaling/v1"), ("metadata", about),
            ("spec", YamlMap.Of(("replicas", tree.Number(paths.Replicas) ?? 0))), ("status", status));
    }

    /// <summary>The object with the number that a Scale wants.</summary>
    public static YamlMap Taken(Target target, YamlMap tree, YamlMap scale)
    {
        var replicas = scale.Number("spec", "replicas") ?? 0;
        if (replicas < 0)
        {
            throw ApiErrors.Invalid(target.Resource, target.Name, [FieldProblem.Invalid("spec.replicas", replicas, "must be greater than or equal to 0")]);
        }

        if (scale.Text("metadata", "resourceVersion") is { Length: > 0 } version)
        {
            tree = tree.WithAt(["metadata", "resourceVersion"], version);
        }

        return tree.WithAt(target.Resource.Scale!.Replicas, replicas);
    }

    private static string SelectorText(YamlMap tree, string[] path)
    {
        try
        {
            return path.Length == 0 ? "" : tree.At(path) switch
            {
                YamlMap map when map.ContainsKey("matchLabels") || map.ContainsKey("matchExpressions") => LabelSelector.From(map).ToString(),
                YamlMap labels => LabelSelector.FromLabels(labels).ToString(),
                YamlScalar { Kind: ScalarKind.String } text => text.Text,
                _ => "",
            };
        }
        catch (FormatException)
        {
            // A selector that cannot be read selects nothing that could be shown.
            return "";
        }
    }
}
