using System.Globalization;
using Capstan.Yaml;

namespace Capstan.Delivery.Applications;

/// <summary>
/// Writes a status in Argo CD's shape. What Argo CD has no field for (author, subject, failed deployments) is under <c>capstan</c>,
/// so that the rest reads the same for every tool that knows Argo CD.
/// </summary>
internal static class StatusWriter
{
    public static YamlMap Write(ApplicationStatus status)
    {
        var map = new YamlMapBuilder(12);
        map.Set("sync", WriteSync(status));
        map.Set("health", WriteHealth(status));
        map.Set("resources", new YamlList(status.Resources.Select(WriteResource)));
        map.Set("summary", status.Images.Count == 0 ? YamlMap.Empty : YamlMap.Of(("images", new YamlList(status.Images.Select(i => (YamlNode)i)))));
        map.Set("conditions", new YamlList(status.Conditions.Select(c => YamlMap.Of(
            ("type", c.Condition.Type), ("message", c.Condition.Message), ("lastTransitionTime", Time(c.Since))))));
        if (status.SourceTypes.Count > 0)
        {
            _ = IsOfSeveral(status) ? map.Set("sourceTypes", Texts(status.SourceTypes)) : map.Set("sourceType", status.SourceTypes[0]);
        }

        if (status.ReconciledAt is { } at)
        {
            map.Set("reconciledAt", Time(at));
        }

        if (status.Operation is { } operation)
        {
            map.Set("operationState", WriteOperation(operation));
        }

        WriteDeployments(status, map);
        return map.ToMap();
    }

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static YamlMap WriteSync(ApplicationStatus status)
    {
        var sync = YamlMap.Of(("status", status.Sync.ToString()), ("comparedTo", status.ComparedTo));
        return status.Revision.Length == 0 ? sync : WithRevision(sync, status.Revision, IsOfSeveral(status));
    }

    private static bool IsOfSeveral(ApplicationStatus status) => status.ComparedTo["sources"] is YamlList;

    // Argo CD has one field for one revision and another for several.
    private static YamlMap WithRevision(YamlMap map, string revision, bool several) => several
        ? map.With("revisions", Texts(SourceRevisions.Split(revision)))
        : map.With("revision", revision);

    private static YamlMap WithSource(YamlMap map, YamlNode source) => map.With(source is YamlList ? "sources" : "source", source);

    private static YamlList Texts(IEnumerable<string> texts) => new(texts.Select(t => (YamlNode)t));

    private static YamlMap WriteHealth(ApplicationStatus status)
    {
        var health = YamlMap.Of(("status", status.Health));
        return status.HealthSince is { } since ? health.With("lastTransitionTime", Time(since)) : health;
    }

    private static YamlMap WriteResource(ResourceStatus resource)
    {
        var map = new YamlMapBuilder(8);
        WriteIdentity(map, resource.Object, resource.Key);
        if (resource.Sync is { } sync)
        {
            map.Set("status", sync.ToString());
        }

        if (resource.Health is { } health)
        {
            map.Set("health", resource.HealthMessage.Length == 0
                ? YamlMap.Of(("status", health))
                : YamlMap.Of(("status", health), ("message", resource.HealthMessage)));
        }

        if (resource.RequiresPruning)
        {
            map.Set("requiresPruning", true);
        }

        return map.ToMap();
    }

    // Argo CD leaves empty group and namespace out.
    private static void WriteIdentity(YamlMapBuilder map, Resources.GroupVersionKind kind, Resources.ObjectKey key)
    {
        if (kind.Group.Length > 0)
        {
            map.Set("group", kind.Group);
        }

        map.Set("version", kind.Version).Set("kind", kind.Kind);
        if (key.Namespace.Length > 0)
        {
            map.Set("namespace", key.Namespace);
        }

        map.Set("name", key.Name);
    }

    private static YamlMap WriteOperation(OperationState state)
    {
        var several = state.Source is YamlList;
        var sync = WithRevision(YamlMap.Empty, state.Revision, several);
        sync = state.Prune ? sync.With("prune", true) : sync;
        sync = state.DryRun ? sync.With("dryRun", true) : sync;
        sync = state.Only.Count > 0 ? sync.With("resources", new YamlList(state.Only.Select(WriteSelector))) : sync;
        var operation = YamlMap.Of(("sync", sync), ("initiatedBy", WriteInitiator(state.Initiator)));
        operation = state.SelfHeal ? operation.With("info", YamlList.Create([YamlMap.Of(("name", "Reason"), ("value", "self-heal"))])) : operation;
        var map = new YamlMapBuilder(8)
            .Set("operation", operation)
            .Set("phase", state.Phase.ToString())
            .Set("message", state.Message)
            .Set("startedAt", Time(state.StartedAt))
            .Set("syncResult", WithSource(WithRevision(YamlMap.Empty, state.Revision, several), state.Source)
                .With("resources", new YamlList(state.Results.Select(WriteResult))));
        if (state.FinishedAt is { } finished)
        {
            map.Set("finishedAt", Time(finished));
        }

        if (state.RetryCount > 0)
        {
            map.Set("retryCount", state.RetryCount);
        }

        return map.ToMap();
    }

    private static YamlMap WriteInitiator(Initiator initiator) =>
        initiator.Automated ? YamlMap.Of(("automated", true)) : YamlMap.Of(("username", initiator.User));

    private static YamlNode WriteSelector(ResourceSelector selector)
    {
        var map = YamlMap.Of(("group", selector.Group), ("kind", selector.Kind), ("name", selector.Name));
        return selector.Namespace.Length > 0 ? map.With("namespace", selector.Namespace) : map;
    }

    private static YamlMap WriteResult(ResourceResult result)
    {
        var map = new YamlMapBuilder(10);
        map.Set("group", result.Object.Group).Set("version", result.Object.Version).Set("kind", result.Object.Kind);
        map.Set("namespace", result.Key.Namespace).Set("name", result.Key.Name).Set("status", result.Code).Set("message", result.Message);
        map.Set("hookPhase", result.Task.ToString()).Set("syncPhase", result.Phase.ToString());
        if (result.IsHook)
        {
            map.Set("hookType", result.Phase.ToString());
        }

        return map.ToMap();
    }

    private static void WriteDeployments(ApplicationStatus status, YamlMapBuilder map)
    {
        if (status.Deployments.Count == 0)
        {
            return;
        }

        map.Set("history", new YamlList(status.Deployments.Where(d => d.Outcome == OperationPhase.Succeeded).Select(d => WithSource(
            WithRevision(YamlMap.Of(("id", d.Id)), d.Revision, d.Source is YamlList)
                .With("deployStartedAt", Time(d.StartedAt)).With("deployedAt", Time(d.FinishedAt)), d.Source).With("initiatedBy", WriteInitiator(d.Initiator)))));
        map.Set("capstan", YamlMap.Of(("deployments", new YamlList(status.Deployments.Select(d => WithSource(
            WithRevision(YamlMap.Of(("id", d.Id)), d.Revision, d.Source is YamlList).With("author", d.Author).With("subject", d.Subject)
                .With("startedAt", Time(d.StartedAt)).With("finishedAt", Time(d.FinishedAt)).With("initiatedBy", WriteInitiator(d.Initiator))
                .With("outcome", d.Outcome.ToString()).With("message", d.Message), d.Source))))));
    }
}
