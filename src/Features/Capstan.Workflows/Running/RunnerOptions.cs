using Capstan.Workflows.Keeping;

namespace Capstan.Workflows.Running;

/// <summary>Limits of runs.</summary>
public sealed record RunnerOptions
{
    /// <summary>The folder for logs, artifacts, caches and the folders of jobs.</summary>
    public required string Folder { get; init; }

    /// <summary>The address of the server, for <c>github.server_url</c>.</summary>
    public required string ServerUrl { get; init; }

    /// <summary>Jobs at the same time.</summary>
    public int MostJobs { get; init; } = 4;

    /// <summary>Bytes of one run's log.</summary>
    public long MostLogBytes { get; init; } = 64 << 20;

    /// <summary>Bytes of one artifact, and of one cache.</summary>
    public long MostArtifactBytes { get; init; } = 2L << 30;

    /// <summary>How long a job may take that does not say it: six hours, as at GitHub.</summary>
    public TimeSpan JobTime { get; init; } = TimeSpan.FromHours(6);

    /// <summary>How much of what runs leave is kept, as the operator says it now.</summary>
    public Func<CancellationToken, Task<RunRetention>> Retention { get; init; } = _ => Task.FromResult(new RunRetention());
}
