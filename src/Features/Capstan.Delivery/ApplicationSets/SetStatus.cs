using Capstan.Delivery.Applications;
using Capstan.Delivery.ApplicationSets.Rollout;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets;

/// <summary>Reads and writes a set's status, in Argo CD's shape; what it has no field for is under <c>capstan</c>.</summary>
internal static class SetStatus
{
    // More would make the object too large to store (Argo CD cuts at the same number).
    private const int MostResources = 5_000;

    /// <summary>Since when deletions are held; null when none are.</summary>
    public static DateTimeOffset? HeldSince(KubernetesObject set) => StatusReader.Time(set.Status.At("capstan", "held", "since"));

    /// <summary>How far a rollout was.</summary>
    public static IReadOnlyList<ApplicationRollout> Rollout(KubernetesObject set) =>
        [.. (set.Status["applicationStatus"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().Select(ApplicationRollout.Read).OfType<ApplicationRollout>()];

    /// <summary>The conditions of a round that came to its end.</summary>
    public static IReadOnlyList<SetCondition> Conditions(SetCondition? error, bool generated)
    {
        var parameters = generated
            ? new SetCondition(SetConditions.ParametersGenerated, true, SetConditions.Generated, "Successfully generated parameters for all Applications")
            : new SetCondition(SetConditions.ParametersGenerated, false, SetConditions.ErrorOccurred, error!.Message);
        return error is null
            ?
            [
                new SetCondition(SetConditions.ErrorOccurred, false, SetConditions.UpToDate, "Successfully generated parameters for all Applications"),
                parameters,
                new SetCondition(SetConditions.ResourcesUpToDate, true, SetConditions.UpToDate, "All applications have been generated successfully"),
            ]
            : [error, parameters, new SetCondition(SetConditions.ResourcesUpToDate, false, error.Reason, error.Message)];
    }

    /// <summary>The whole status.</summary>
    public static YamlMap Write(
        YamlMap before, IReadOnlyList<SetCondition> conditions, IReadOnlyList<KubernetesObject> applications, IReadOnlyList<ApplicationRollout> rollout,
        (DateTimeOffset Since, IReadOnlyList<string> Applications)? held, DateTimeOffset now)
    {
        var status = new YamlMapBuilder(5).Set("conditions", new YamlList(conditions.Select(c => Write(c, before, now))));
        status.Set("resources", new YamlList(applications.OrderBy(a => a.Name, StringComparer.Ordinal).Take(MostResources).Select(Resource)));
        status.Set("resourcesCount", applications.Count);
        if (rollout.Count > 0)
        {
            status.Set("applicationStatus", new YamlList(rollout.Take(MostResources).Select(r => r.Write())));
        }

        if (held is { } hold)
        {
            status.Set("capstan", YamlMap.Of(("held", YamlMap.Of(
                ("since", StatusWriter.Time(hold.Since)), ("count", hold.Applications.Count), ("applications", new YamlList(hold.Applications.Take(100).Select(a => (YamlNode)a)))))));
        }

        return status.ToMap();
    }

    private static YamlMap Write(SetCondition condition, YamlMap before, DateTimeOffset now)
    {
        var map = YamlMap.Of(
            ("type", condition.Type), ("message", condition.Message), ("status", condition.Status ? "True" : "False"), ("reason", condition.Reason));
        var known = (before["conditions"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().FirstOrDefault(c => c["type"]?.AsString() == condition.Type);
        var since = known is not null && known.Without("lastTransitionTime").Equals(map) ? known["lastTransitionTime"] : null;
        return map.With("lastTransitionTime", since ?? StatusWriter.Time(now));
    }

    private static YamlMap Resource(KubernetesObject application)
    {
        var map = YamlMap.Of(
            ("group", Application.Kind.Group), ("version", Application.Kind.Version), ("kind", Application.Kind.Kind), ("namespace", application.Namespace), ("name", application.Name));
        if (application.Status.At("sync", "status")?.AsString() is { } sync)
        {
            map = map.With("status", sync);
        }

        return application.Status.At("health", "status")?.AsString() is { } health ? map.With("health", YamlMap.Of(("status", health))) : map;
    }
}
