using System.Globalization;
using Capstan.Delivery.Sync;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Applications;

/// <summary>Whether live equals desired.</summary>
public enum SyncCode
{
    /// <summary>It could not be told.</summary>
    Unknown,

    /// <summary>It does.</summary>
    Synced,

    /// <summary>It does not.</summary>
    OutOfSync,
}

/// <summary>How far an operation is.</summary>
public enum OperationPhase
{
    /// <summary>It runs.</summary>
    Running,

    /// <summary>A person asked it to stop, and it is stopping.</summary>
    Terminating,

    /// <summary>Everything was done.</summary>
    Succeeded,

    /// <summary>Something was refused or did not work.</summary>
    Failed,

    /// <summary>It could not be carried out at all.</summary>
    Error,
}

/// <summary>What happened to one object in a sync.</summary>
/// <param name="Object">The kind with its version.</param>
/// <param name="Key">Which object.</param>
/// <param name="Code">Argo CD's word: <c>Synced</c>, <c>SyncFailed</c>, <c>Pruned</c>, <c>PruneSkipped</c>.</param>
/// <param name="Message">What the API server said, or why nothing was done.</param>
public sealed record ResourceResult(GroupVersionKind Object, ObjectKey Key, string Code, string Message)
{
    /// <summary>The object was applied, or matched already.</summary>
    public const string Synced = "Synced";

    /// <summary>The object could not be applied or deleted.</summary>
    public const string SyncFailed = "SyncFailed";

    /// <summary>The object was deleted.</summary>
    public const string Pruned = "Pruned";

    /// <summary>The object left the source but was not deleted; the message says why.</summary>
    public const string PruneSkipped = "PruneSkipped";

    /// <summary>The part of the sync in which it happened.</summary>
    public SyncPhase Phase { get; init; } = SyncPhase.Sync;

    /// <summary>Whether the object is a hook.</summary>
    public bool IsHook { get; init; }

    /// <summary>How far it is. What is only applied keeps running: its health is told by the object.</summary>
    public TaskPhase Task { get; init; } = TaskPhase.Running;
}

/// <summary>One object that a sync is about.</summary>
/// <param name="Group">The API group.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Namespace">The namespace; empty for any.</param>
/// <param name="Name">The name.</param>
public sealed record ResourceSelector(string Group, string Kind, string Namespace, string Name)
{
    /// <summary>Whether it names this object.</summary>
    public bool Matches(ObjectKey key) =>
        key.GroupKind == new GroupKind(Group, Kind) && key.Name == Name && (Namespace.Length == 0 || key.Namespace == Namespace);
}

/// <summary>Who started a deployment.</summary>
/// <param name="Automated">Whether it was the engine itself.</param>
/// <param name="User">Who asked; empty for the engine.</param>
public sealed record Initiator(bool Automated, string User = "")
{
    /// <summary>The engine.</summary>
    public static readonly Initiator Engine = new(true);

    /// <summary>The name shown to people.</summary>
    public override string ToString() => Automated ? "automated" : User.Length > 0 ? User : "unknown";
}

/// <summary>One state of one operation: what was asked, and what came of it.</summary>
/// <param name="Phase">How far it is.</param>
/// <param name="Message">What there is to say of it.</param>
/// <param name="Revision">The commit it is pinned to, from first read to last write; for several sources see <see cref="SourceRevisions"/>.</param>
/// <param name="Initiator">Who started it.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="FinishedAt">When it ended; null while it runs.</param>
/// <param name="Results">What happened to each object.</param>
/// <param name="RetryCount">How often it was tried again.</param>
public sealed record OperationState(
    OperationPhase Phase,
    string Message,
    string Revision,
    Initiator Initiator,
    DateTimeOffset StartedAt,
    DateTimeOffset? FinishedAt,
    IReadOnlyList<ResourceResult> Results,
    long RetryCount = 0)
{
    /// <summary>Whether prune was asked for.</summary>
    public bool Prune { get; init; }

    /// <summary>Whether the operation undoes drift, so that it makes no deployment of its own.</summary>
    public bool SelfHeal { get; init; }

    /// <summary>Whether the server only says what it would do.</summary>
    public bool DryRun { get; init; }

    /// <summary>The objects that it is about; empty for all. A sync of some objects runs no hooks and makes no deployment.</summary>
    public IReadOnlyList<ResourceSelector> Only { get; init; } = [];

    /// <summary>What tells it from other operations, also after a restart.</summary>
    public string Id => string.Create(CultureInfo.InvariantCulture, $"{StartedAt.ToUnixTimeSeconds()}-{(Revision.Length > 7 ? Revision[..7] : Revision)}-{RetryCount}");

    /// <summary>What was synced, as written: a source, or a list of them; another source is another matter.</summary>
    public YamlNode Source { get; init; } = YamlMap.Empty;

    /// <summary>Whether it is over.</summary>
    public bool IsFinished => Phase is OperationPhase.Succeeded or OperationPhase.Failed or OperationPhase.Error;
}

/// <summary>One deployment, also one that failed.</summary>
/// <param name="Id">Its number within the Application; it only grows.</param>
/// <param name="Revision">The commit; for several sources see <see cref="SourceRevisions"/>.</param>
/// <param name="Author">Who wrote the commit.</param>
/// <param name="Subject">The commit's first line.</param>
/// <param name="StartedAt">When the sync began.</param>
/// <param name="FinishedAt">When it ended.</param>
/// <param name="Initiator">Who started it.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Message">What there is to say of it.</param>
/// <param name="Source">The source as it was then, or the list of them.</param>
public sealed record Deployment(
    long Id,
    string Revision,
    string Author,
    string Subject,
    DateTimeOffset StartedAt,
    DateTimeOffset FinishedAt,
    Initiator Initiator,
    OperationPhase Outcome,
    string Message,
    YamlNode Source);

/// <summary>The state of one object of an Application.</summary>
/// <param name="Object">The kind with its version.</param>
/// <param name="Key">Which object.</param>
/// <param name="Sync">Whether it is as desired; null for an object that is only shown.</param>
/// <param name="RequiresPruning">Whether it left the source.</param>
/// <param name="Health">Argo CD's word for its health; null for a kind without a rule.</param>
/// <param name="HealthMessage">What there is to say of its health.</param>
public sealed record ResourceStatus(
    GroupVersionKind Object,
    ObjectKey Key,
    SyncCode? Sync,
    bool RequiresPruning,
    string? Health,
    string HealthMessage);

/// <summary>Everything that the engine says of an Application, before it is written into the object.</summary>
public sealed record ApplicationStatus
{
    /// <summary>Nothing known yet.</summary>
    public static readonly ApplicationStatus Empty = new();

    /// <summary>Whether live equals desired.</summary>
    public SyncCode Sync { get; init; }

    /// <summary>The commit that live was compared to (for several sources see <see cref="SourceRevisions"/>); empty when there is none.</summary>
    public string Revision { get; init; } = "";

    /// <summary>Source and destination that were compared, as written.</summary>
    public YamlMap ComparedTo { get; init; } = YamlMap.Empty;

    /// <summary>The worst health of its objects, Argo CD's word.</summary>
    public string Health { get; init; } = "Unknown";

    /// <summary>Since when the health is what it is.</summary>
    public DateTimeOffset? HealthSince { get; init; }

    /// <summary>Its objects in the order in which they are applied.</summary>
    public IReadOnlyList<ResourceStatus> Resources { get; init; } = [];

    /// <summary>The last operation.</summary>
    public OperationState? Operation { get; init; }

    /// <summary>Deployments, the oldest first; failed ones too.</summary>
    public IReadOnlyList<Deployment> Deployments { get; init; } = [];

    /// <summary>What is wrong, and since when.</summary>
    public IReadOnlyList<(ApplicationCondition Condition, DateTimeOffset Since)> Conditions { get; init; } = [];

    /// <summary>Argo CD's word for the kind of source, one a source.</summary>
    public IReadOnlyList<string> SourceTypes { get; init; } = [];

    /// <summary>The images that the desired objects run, sorted.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>When desired state was last compared.</summary>
    public DateTimeOffset? ReconciledAt { get; init; }
}
