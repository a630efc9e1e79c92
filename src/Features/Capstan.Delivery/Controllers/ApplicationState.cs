using System.Security.Cryptography;
using Capstan.Delivery.Applications;
using Capstan.Delivery.Comparing;
using Capstan.Delivery.Pausing;
using Capstan.Delivery.Projects.Windows;
using Capstan.Delivery.Rendering;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Controllers;

/// <summary>
/// What the engine remembers of one Application between reconciliations. All of it can be lost: it is derived from Git, the cluster and
/// the Application's status. Only its reconciliation changes it, and there is one at a time.
/// </summary>
internal sealed class ApplicationState(ApplicationKey key, TimeProvider time) : IDisposable
{
    // A cache that has not shown a write of ours by then was never going to: the object changed again before it looked.
    private static readonly TimeSpan Trust = TimeSpan.FromSeconds(10);

    private readonly Dictionary<ObjectKey, (DesiredObject Desired, string Version, IReadOnlyList<ApplicationKey> Claimants, ComparedObject Compared)> _compared = [];
    private readonly Dictionary<ObjectKey, (string Before, KubernetesObject? Object, long At)> _recent = [];
    private (DesiredInputs Inputs, DesiredSet Set)? _desired;
    private Application? _application;
    private volatile WrittenStatus _written = new(YamlMap.Empty);

    public ApplicationKey Key => key;

    /// <summary>What is said of the Application now; written into its object by and by.</summary>
    public volatile ApplicationStatus Status = ApplicationStatus.Empty;

    /// <summary>The Application as last read; null before the first time.</summary>
    public Application? Application => _application;

    /// <summary>What the object's status holds as far as known.</summary>
    public WrittenStatus Written
    {
        get => _written;
        set => _written = value;
    }

    /// <summary>The version that our own last write made, whose event is no news.</summary>
    public volatile string OwnVersion = "";

    /// <summary>The version of the object whose wish for an operation was taken up; the cache may still hold it.</summary>
    public string TakenVersion { get; set; } = "";

    /// <summary>The push whose way through the engine is followed; null while none is.</summary>
    public volatile PushTrace? Push;

    /// <summary>The plan of the last comparison, for those who ask.</summary>
    public volatile Observation? Last;

    /// <summary>Serializes writes of the status.</summary>
    public SemaphoreSlim Writing { get; } = new(1);

    /// <summary>When the last wave of the operation was applied, as a timestamp of the clock; 0 while none was.</summary>
    public long WaveEndedAt { get; set; }

    /// <summary>How often in a row drift was undone at the same revision.</summary>
    public int HealAttempts { get; set; }

    /// <summary>The kinds that are waited for: they are being listed, or not served yet.</summary>
    public volatile IReadOnlySet<GroupKind> Awaited = new HashSet<GroupKind>();

    /// <summary>The cluster that it was last compared with; null when there was none.</summary>
    public volatile Cluster? Cluster;

    /// <summary>Stops the operation that runs; null while none does.</summary>
    public volatile CancellationTokenSource? Running;

    /// <summary>Takes in the object as it is now.</summary>
    public Application Read(CachedObject cached)
    {
        if (_application is { } known && known.Object.ResourceVersion == cached.ResourceVersion)
        {
            return known;
        }

        var read = ApplicationReader.Read(cached.Read());
        if (_application is null)
        {
            Status = StatusReader.Read(read.Object.Status);
        }

        if (cached.ResourceVersion != OwnVersion)
        {
            Written = new WrittenStatus(read.Object.Status);
        }

        // What counts has changed, and with it every comparison.
        if (_application is { } before && (!Equals(before.Object.Spec["ignoreDifferences"], read.Object.Spec["ignoreDifferences"])
            || before.ServerSideDiff != read.ServerSideDiff || before.IncludesWebhooks != read.IncludesWebhooks
            || before.Policy.Options.ClientSideApplyMigration != read.Policy.Options.ClientSideApplyMigration))
        {
            _compared.Clear();
        }

        return _application = read with { Object = Kept(read.Object) };
    }

    // Of the status only the wish to stop is asked for later; the rest is in Status and Written.
    private static KubernetesObject Kept(KubernetesObject whole)
    {
        var kept = ManagedFields.Strip(whole).Without("status");
        return (whole.Status.At("operationState", "phase") is { } phase ? kept.With(["status", "operationState", "phase"], phase) : kept).Packed();
    }

    /// <summary>The desired set of the renderings of all sources, made once.</summary>
    public DesiredSet Desired(DesiredInputs inputs, Func<DesiredSet> build)
    {
        if (_desired is { } known && known.Inputs.IsSame(inputs))
        {
            return known.Set;
        }

        var set = build();
        _desired = (inputs, set);
        return set;
    }

    /// <summary>The comparison of one object, if none of its sides moved since it was made.</summary>
    public ComparedObject? Known(DesiredObject desired, string version, IReadOnlyList<ApplicationKey> claimants) =>
        _compared.TryGetValue(desired.Key, out var known) && ReferenceEquals(known.Desired, desired) && known.Version == version && known.Claimants.SequenceEqual(claimants)
            ? known.Compared
            : null;

    /// <summary>Keeps the comparison of one object.</summary>
    public void Remember(DesiredObject desired, string version, IReadOnlyList<ApplicationKey> claimants, ComparedObject compared) =>
        _compared[desired.Key] = (desired, version, claimants, compared);

    /// <summary>Remembers what a write of ours made, until the cache has seen it.</summary>
    public void Wrote(ObjectKey @object, string versionBefore, KubernetesObject? after) => _recent[@object] = (versionBefore, after, time.GetTimestamp());

    /// <summary>What a write of ours made of an object that the cache still has in an older version.</summary>
    public bool TryRecent(ObjectKey @object, string cachedVersion, out KubernetesObject? after)
    {
        after = null;
        if (!_recent.TryGetValue(@object, out var recent))
        {
            return false;
        }

        if (recent.Before != cachedVersion || time.GetElapsedTime(recent.At) >= Trust)
        {
            _recent.Remove(@object);
            return false;
        }

        after = recent.Object;
        return true;
    }

    /// <summary>When to look again at what the cache has not confirmed yet; null when it has confirmed everything.</summary>
    public TimeSpan? Unconfirmed()
    {
        foreach (var (key, _) in _recent.Where(r => time.GetElapsedTime(r.Value.At) >= Trust).ToList())
        {
            _recent.Remove(key);
        }

        return _recent.Count == 0 ? null : Trust;
    }

    /// <summary>Forgets objects that nobody wants any more.</summary>
    public void Trim(IEnumerable<ObjectKey> wanted)
    {
        if (_compared.Count <= wanted.Count())
        {
            return;
        }

        var keep = wanted.ToHashSet();
        foreach (var gone in _compared.Keys.Where(k => !keep.Contains(k)).ToList())
        {
            _compared.Remove(gone);
        }
    }

    public void Dispose() => Writing.Dispose();
}

/// <summary>What a desired set is made of.</summary>
/// <param name="Rendered">The renderings of all sources.</param>
/// <param name="Kinds">What the cluster serves.</param>
/// <param name="Settings">The operator's settings.</param>
/// <param name="Namespace">The destination's namespace.</param>
/// <param name="NamespaceMetadata">What is managed of that namespace.</param>
/// <param name="CreatesNamespace">Whether it is made.</param>
internal sealed record DesiredInputs(
    IReadOnlyList<RenderedSource> Rendered, object Kinds, object Settings, string Namespace, YamlMap? NamespaceMetadata, bool CreatesNamespace)
{
    public bool IsSame(DesiredInputs other) => Rendered.SequenceEqual(other.Rendered, ReferenceEqualityComparer.Instance) && ReferenceEquals(Kinds, other.Kinds)
        && ReferenceEquals(Settings, other.Settings) && Namespace == other.Namespace && Equals(NamespaceMetadata, other.NamespaceMetadata) && CreatesNamespace == other.CreatesNamespace;
}

/// <summary>A status as an object holds it, kept as JSON.</summary>
internal sealed class WrittenStatus(YamlMap status)
{
    private readonly PackedTree _status = new(status);
    private volatile byte[]? _same;

    public YamlMap Read() => _status.Read();

    /// <summary>
    /// Whether another status says the same. When it was looked at is no news by itself, and neither is a commit that changed nothing here.
    /// The digest of what was found the same answers the common question without reading.
    /// </summary>
    public bool Says(YamlMap other)
    {
        var news = Untimed(other);
        var digest = SHA256.HashData(JsonText.WriteBytes(news));
        if (_same is { } same && same.AsSpan().SequenceEqual(digest))
        {
            return true;
        }

        if (!news.Equals(Untimed(Read())))
        {
            return false;
        }

        _same = digest;
        return true;
    }

    private static YamlMap Untimed(YamlMap status) => status.Without("reconciledAt").WithoutAt("sync", "revision").WithoutAt("sync", "revisions");
}

/// <summary>What one look at desired and live state found.</summary>
/// <param name="Application">The Application that was looked at.</param>
/// <param name="Cluster">Where.</param>
/// <param name="Commit">At which commit; for several sources see <see cref="SourceRevisions"/>.</param>
/// <param name="Desired">What should be there.</param>
/// <param name="Comparison">How it compares.</param>
/// <param name="SourceTypes">The kind of each source.</param>
/// <param name="Conditions">What is wrong; with an error nothing is synced.</param>
internal sealed record Observation(
    Application Application,
    Cluster Cluster,
    string Commit,
    DesiredSet Desired,
    Comparison Comparison,
    IReadOnlyList<string> SourceTypes,
    IReadOnlyList<ApplicationCondition> Conditions)
{
    /// <summary>The sync windows that are about the Application.</summary>
    public IReadOnlyList<SyncWindow> Windows { get; init; } = [];

    /// <summary>What people said of resting: on the Application, its set and its project.</summary>
    public IReadOnlyList<Pause> Pauses { get; init; } = [];

    public bool CanSync => !Conditions.Any(c => c.IsError);
}
