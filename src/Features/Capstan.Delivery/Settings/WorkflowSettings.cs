namespace Capstan.Delivery.Settings;

/// <summary>What the operator says of workflows: <c>spec.workflows</c>.</summary>
public sealed record WorkflowSettings
{
    /// <summary><c>runnerImages</c>: the image of each label of <c>runs-on</c>; that of <c>*</c> is for labels without one.</summary>
    public IReadOnlyDictionary<string, string> RunnerImages { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary><c>pullRequests</c>: the repositories of other hosts whose pull requests run workflows here.</summary>
    public IReadOnlyList<OutsideRepository> PullRequests { get; init; } = [];

    /// <summary><c>actions</c>: public actions that may be fetched.</summary>
    public PublicActionSettings Actions { get; init; } = new();

    /// <summary><c>keep</c>: how long what runs leave is kept.</summary>
    public RunRetention Keep { get; init; } = new();
}

/// <summary>A repository of another host whose pull requests run workflows here.</summary>
/// <param name="Repository"><c>repository</c>: the repository of this Git host that their commits are put into.</param>
/// <param name="From"><c>from</c>: its address over there.</param>
public sealed record OutsideRepository(string Repository, AllowedAddress From)
{
    /// <summary><c>provider</c>: the host's interface for the status of commits, <c>github</c> or <c>gitea</c>.</summary>
    public string Provider { get; init; } = "github";

    /// <summary><c>apiURL</c>: where that interface is; empty for the usual place.</summary>
    public string ApiUrl { get; init; } = "";

    /// <summary><c>tokenSecret</c>: the Secret of the namespace <c>capstan</c> with the key <c>token</c>, by which commits are fetched and their status is told; empty for none.</summary>
    public string TokenSecret { get; init; } = "";

    /// <summary><c>allowPrivate</c>: whether the host is in a private network.</summary>
    public bool AllowPrivate { get; init; }
}

/// <summary>Which public actions may be fetched that are neither built in nor on the Git host.</summary>
public sealed record PublicActionSettings
{
    /// <summary><c>from</c>: the host; behind it stand owner and name.</summary>
    public string From { get; init; } = "https://github.com";

    /// <summary><c>allow</c>: <c>OWNER/NAME</c>, or <c>OWNER/*</c> for all of an owner.</summary>
    public IReadOnlyList<string> Allow { get; init; } = [];

    /// <summary><c>allowPrivate</c>: whether the host is in a private network.</summary>
    public bool AllowPrivate { get; init; }

    /// <summary>Whether the actions of a repository may be fetched. Hosts take names in any case.</summary>
    public bool Allows(string repository) => repository.Split('/') is [var owner, _]
        && Allow.Any(a => a.Equals(repository, StringComparison.OrdinalIgnoreCase) || a.Equals($"{owner}/*", StringComparison.OrdinalIgnoreCase));
}

/// <summary>How much of what runs leave is kept: a run goes, with its log and its artifacts, as soon as one of these says so.</summary>
public sealed record RunRetention
{
    /// <summary><c>runs</c>: runs that have ended, of each workflow.</summary>
    public int Runs { get; init; } = 200;

    /// <summary><c>days</c>: days since it ended.</summary>
    public int Days { get; init; } = 90;

    /// <summary><c>megabytes</c>: megabytes of artifacts of each repository; the oldest go first.</summary>
    public int Megabytes { get; init; } = 10_240;
}
