namespace Capstan.GitHost;

/// <summary>Settings of the Git host.</summary>
public sealed record GitHostOptions
{
    /// <summary>Whether the first push to a name makes the repository.</summary>
    public bool CreateOnPush { get; init; }

    /// <summary>The most bytes that one push may have, packed.</summary>
    public long MaxPushBytes { get; init; } = 4L << 30;

    /// <summary>The most bytes that the request of a fetch may have, expanded.</summary>
    public long MaxFetchRequestBytes { get; init; } = 32L << 20;

    /// <summary>How many fetches and pushes are served at once; further ones wait, and after a while are told to come back.</summary>
    public int MaxConcurrent { get; init; } = 32;

    /// <summary>How long a request waits for its turn.</summary>
    public TimeSpan QueueTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The longest that one fetch or push may take once it has its turn.</summary>
    public TimeSpan ServiceTime { get; init; } = TimeSpan.FromMinutes(30);
}
