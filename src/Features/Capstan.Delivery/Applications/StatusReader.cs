using System.Globalization;
using Capstan.Delivery.Sync;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Applications;

/// <summary>
/// Reads back what must outlive the process: operations, deployments, since when. Fields of other shapes (written by another tool or
/// another version) read as absent.
/// </summary>
internal static class StatusReader
{
    public static ApplicationStatus Read(YamlMap status) => new()
    {
        Sync = Word(status.At("sync", "status"), SyncCode.Unknown),
        Revision = Revision(status["sync"]),
        ComparedTo = status.At("sync", "comparedTo") as YamlMap ?? YamlMap.Empty,
        Health = Text(status.At("health", "status")) is { Length: > 0 } health ? health : "Unknown",
        HealthSince = Time(status.At("health", "lastTransitionTime")),
        Resources = [.. Maps(status["resources"]).Select(ReadResource)],
        Operation = status["operationState"] is YamlMap operation ? ReadOperation(operation) : null,
        Deployments = ReadDeployments(status),
        Conditions = [.. Maps(status["conditions"]).Select(c =>
            (new ApplicationCondition(Text(c["type"]), Text(c["message"])), Time(c["lastTransitionTime"]) ?? DateTimeOffset.UnixEpoch))],
        SourceTypes = status["sourceTypes"] is YamlList types ? [.. types.Select(Text)] : Text(status["sourceType"]) is { Length: > 0 } type ? [type] : [],
        Images = [.. (status.At("summary", "images") as YamlList ?? YamlList.Empty).Select(Text)],
        ReconciledAt = Time(status["reconciledAt"]),
    };

    private static ResourceStatus ReadResource(YamlMap map) => new(
        new GroupVersionKind(Text(map["group"]), Text(map["version"]), Text(map["kind"])),
        new ObjectKey(new GroupKind(Text(map["group"]), Text(map["kind"])), Text(map["namespace"]), Text(map["name"])),
        map["status"] is { } sync ? Word(sync, SyncCode.Unknown) : null,
        map["requiresPruning"] is YamlScalar { Text: "true" },
        map.At("health", "status")?.AsString(),
        Text(map.At("health", "message")));

    private static OperationState ReadOperation(YamlMap map) => new(
        Word(map["phase"], OperationPhase.Error),
        Text(map["message"]),
        Revision(map["syncResult"]) is { Length: > 0 } revision ? revision : Revision(map.At("operation", "sync")),
        ReadInitiator(map.At("operation", "initiatedBy")),
        Time(map["startedAt"]) ?? DateTimeOffset.UnixEpoch,
        Time(map["finishedAt"]),
        [.. Maps(map.At("syncResult", "resources")).Select(ReadResult)],
        map["retryCount"] is YamlScalar count && count.TryGetInteger(out var retries) ? retries : 0)
    {
        Prune = map.At("operation", "sync", "prune") is YamlScalar { Text: "true" },
        DryRun = map.At("operation", "sync", "dryRun") is YamlScalar { Text: "true" },
        Only = Selectors(map.At("operation", "sync", "resources")),
        SelfHeal = Maps(map.At("operation", "info")).Any(i => Text(i["value"]) == "self-heal"),
        Source = SourceOf(map["syncResult"]),
    };

    private static ResourceResult ReadResult(YamlMap map) => new(
        new GroupVersionKind(Text(map["group"]), Text(map["version"]), Text(map["kind"])),
        new ObjectKey(new GroupKind(Text(map["group"]), Text(map["kind"])), Text(map["namespace"]), Text(map["name"])),
        Text(map["status"]),
        Text(map["message"]))
    {
        Phase = Word(map["syncPhase"], SyncPhase.Sync),
        IsHook = Text(map["hookType"]).Length > 0,
        Task = Word(map["hookPhase"], TaskPhase.Running),
    };

    /// <summary>The objects that an operation names.</summary>
    public static IReadOnlyList<ResourceSelector> Selectors(YamlNode? resources) =>
        [.. Maps(resources).Select(r => new ResourceSelector(Text(r["group"]), Text(r["kind"]), Text(r["namespace"]), Text(r["name"])))];

    private static Initiator ReadInitiator(YamlNode? node) =>
        new((node as YamlMap)?["automated"] is YamlScalar { Text: "true" }, Text((node as YamlMap)?["username"]));

    private static Deployment[] ReadDeployments(YamlMap status)
    {
        // Under Argo CD's own CRD the field of ours is pruned; what its history says is then all there is.
        var own = Maps(status.At("capstan", "deployments")).ToArray();
        var source = own.Length > 0 ? own : [.. Maps(status["history"])];
        return [.. source.Select(d => new Deployment(
            d["id"] is YamlScalar id && id.TryGetInteger(out var number) ? number : 0,
            Revision(d),
            Text(d["author"]),
            Text(d["subject"]),
            Time(d["startedAt"] ?? d["deployStartedAt"]) ?? DateTimeOffset.UnixEpoch,
            Time(d["finishedAt"] ?? d["deployedAt"]) ?? DateTimeOffset.UnixEpoch,
            ReadInitiator(d["initiatedBy"]),
            Word(d["outcome"], OperationPhase.Succeeded),
            Text(d["message"]),
            SourceOf(d)))];
    }

    public static DateTimeOffset? Time(YamlNode? node) =>
        DateTimeOffset.TryParse(node?.AsString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : null;

    /// <summary>What <c>revision</c> or <c>revisions</c> beneath a node say, as one text.</summary>
    public static string Revision(YamlNode? node) => (node as YamlMap)?["revisions"] is YamlList { Count: > 0 } several
        ? SourceRevisions.Join(several.Select(Text))
        : Text((node as YamlMap)?["revision"]);

    private static YamlNode SourceOf(YamlNode? node) => (node as YamlMap)?["sources"] is YamlList { Count: > 0 } several
        ? several
        : (node as YamlMap)?["source"] as YamlMap ?? YamlMap.Empty;

    private static string Text(YamlNode? node) => node?.AsString() ?? "";

    private static T Word<T>(YamlNode? node, T absent)
        where T : struct, Enum => Enum.TryParse<T>(node?.AsString(), out var value) ? value : absent;

    private static IEnumerable<YamlMap> Maps(YamlNode? node) => (node as YamlList ?? YamlList.Empty).OfType<YamlMap>();
}
