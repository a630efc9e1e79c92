namespace Capstan.GitHost;

/// <summary>Settings of the Git host.</summary>
public sealed record GitHostOptions
{
    /// <summary>Whether the first push to a name makes the repository.</summary>
    public bool CreateOnPush { get; init; }

    /// <summary>What is said to who pushed, after the push, in lines that git shows as the remote's; empty for nothing.</summary>
    public Func<Pushes.PushEvent, CancellationToken, Task<string>> Narrate { get; init; } = static (_, _) => Task.FromResult("");

    /// <summary>The folder of a repository that a principal may not change, whatever else it may push; empty for none.</summary>
    public Func<Access.Rights.Principal, string> GuardedFolder { get; init; } = static _ => "";

    /// <summary>The most bytes that one push may have, packed.</summary>
    public long MaxPushBytes { get; init; } = 4L << 30;

    /// <summary>The most bytes that the request of a fetch may have, expanded.</summary>
    public long MaxFetchRequestBytes { get; init; } = 32L << 20;

    /// <summary>How many fetches and pushes are served at once; further ones wait, and after a while are told to come back.</summary>
    public int MaxConcurrent { get; init; } = 32;

    /// <summary>How many of these places one peer may have, so that one that stalls leaves some to the others.</summary>
    public int MaxConcurrentPerPeer { get; init; } = 24;

    /// <summary>How many requests of one peer may be under way, waiting ones too; further ones are told to come back.</summary>
    public int MaxRequestsPerPeer { get; init; } = 128;

    /// <summary>How many bytes a second a client must send of its request and take of its answer.</summary>
    public int MinBytesPerSecond { get; init; } = 2048;

    /// <summary>For how long a client may be slower than that.</summary>
    public TimeSpan SlowGrace { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a request waits for its turn.</summary>
    public TimeSpan QueueTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The longest that one fetch or push may take once it has its turn.</summary>
    public TimeSpan ServiceTime { get; init; } = TimeSpan.FromMinutes(30);
}
