using Capstan.Kubernetes;

namespace Capstan.Delivery.Applications;

/// <summary>When and how an Application is synced.</summary>
/// <param name="Automated">The automation; null when a sync has to be asked for.</param>
/// <param name="Options">The options that are on.</param>
/// <param name="Retry">How a failed operation is tried again.</param>
public sealed record SyncPolicy(AutomatedSync? Automated, SyncOptions Options, RetryPolicy Retry)
{
    /// <summary>Labels and annotations of the destination's namespace, as a map of <c>labels</c> and <c>annotations</c>; null when they are not managed.</summary>
    public Yaml.YamlMap? NamespaceMetadata { get; init; }

    /// <summary>No automation, no options.</summary>
    public static readonly SyncPolicy Manual = new(null, new SyncOptions(), RetryPolicy.Default);
}

/// <summary>What happens without being asked.</summary>
/// <param name="Prune">Whether objects that left the source are deleted.</param>
/// <param name="SelfHeal">Whether drift in the cluster is undone.</param>
/// <param name="AllowEmpty">Whether a source that renders nothing may delete everything.</param>
public sealed record AutomatedSync(bool Prune = false, bool SelfHeal = false, bool AllowEmpty = false);

/// <summary>The <c>syncOptions</c> that are served.</summary>
/// <param name="CreateNamespace">The destination namespace is made when it is absent.</param>
/// <param name="ServerSideApply">Accepted for compatibility: every apply is server-side.</param>
/// <param name="PruneLast">Deletions come after everything else was applied and is healthy.</param>
/// <param name="ApplyOutOfSyncOnly">Objects that match already are not applied again.</param>
public sealed record SyncOptions(bool CreateNamespace = false, bool ServerSideApply = false, bool PruneLast = false, bool ApplyOutOfSyncOnly = false)
{
    /// <summary>Objects are replaced as a whole instead of being applied.</summary>
    public bool Replace { get; init; }

    /// <summary>Objects are deleted and made anew where an immutable field stands in the way.</summary>
    public bool Force { get; init; }

    /// <summary>What does not count in a comparison is left as it is by a sync, too.</summary>
    public bool RespectIgnoreDifferences { get; init; }

    /// <summary>Nothing is synced as long as another Application wants one of the same objects.</summary>
    public bool FailOnSharedResource { get; init; }

    /// <summary>Whether unknown fields are refused.</summary>
    public bool Validate { get; init; } = true;

    /// <summary>Whether an object of a kind that is not served is left out of the dry run instead of failing it.</summary>
    public bool SkipDryRunOnMissingResource { get; init; }

    /// <summary>Whether what other deliverers applied is taken over before the first apply.</summary>
    public bool ClientSideApplyMigration { get; init; } = true;

    /// <summary>How deletions reach what an object owns; null for the best of each kind.</summary>
    public DeletePropagation? PrunePropagation { get; init; }
}

/// <summary>How often and how soon a failed operation is tried again.</summary>
/// <param name="Limit">Further attempts after the first; -1 for without end.</param>
/// <param name="Base">The wait before the first retry.</param>
/// <param name="Factor">What each wait is multiplied by.</param>
/// <param name="Longest">No wait is longer.</param>
public sealed record RetryPolicy(long Limit, TimeSpan Base, double Factor, TimeSpan Longest)
{
    /// <summary>What an automated sync without a <c>retry</c> block gets: 5 retries, 5 s doubling up to 3 min.</summary>
    public static readonly RetryPolicy Default = new(5, TimeSpan.FromSeconds(5), 2, TimeSpan.FromMinutes(3));

    /// <summary>No second attempt, which a sync that was asked for gets.</summary>
    public static readonly RetryPolicy None = Default with { Limit = 0 };

    /// <summary>Whether another attempt may follow after so many retries.</summary>
    public bool Allows(long retries) => Limit < 0 || retries < Limit;

    /// <summary>How long to wait after the operation finished, before the retry with this number (from 0).</summary>
    public TimeSpan Wait(long retry)
    {
        // The exponent is capped so that neither the power nor the product can leave the range of a TimeSpan.
        var seconds = Base.TotalSeconds * Math.Pow(Math.Clamp(Factor, 1, 100), Math.Clamp(retry, 0, 64));
        return double.IsFinite(seconds) && seconds < Longest.TotalSeconds ? TimeSpan.FromSeconds(seconds) : Longest;
    }
}
