namespace Capstan.Workflows.Backends.Containers;

/// <summary>How jobs run in containers.</summary>
public sealed record ContainerBackendOptions
{
    /// <summary>The image of each label of <c>runs-on</c>; that of <c>*</c> is for labels without one.</summary>
    public IReadOnlyDictionary<string, string> Images { get; init; } = new Dictionary<string, string>();

    /// <summary>The images that the operator's settings name now, in the same form; these count before <see cref="Images"/>.</summary>
    public Func<CancellationToken, Task<IReadOnlyDictionary<string, string>>> ImagesNow { get; init; } = _ => Task.FromResult<IReadOnlyDictionary<string, string>>(new Dictionary<string, string>());

    /// <summary>Where this server listens, when that is an address that only this machine reaches: jobs then reach it by the same address, from within.
    /// Null when they reach it by the network.</summary>
    public System.Net.IPEndPoint? ServerAddress { get; init; }

    /// <summary>How the image is made that jobs run in when none is set.</summary>
    public RunnerRecipe Recipe { get; init; } = new();

    /// <summary>Memory of a job, and of each service.</summary>
    public long MemoryBytes { get; init; } = 4L << 30;

    /// <summary>Processes and threads of a job, and of each service: a fork bomb ends here.</summary>
    public long Processes { get; init; } = 1_000;

    /// <summary>How long a service may take until its health command succeeds.</summary>
    public TimeSpan HealthTime { get; init; } = TimeSpan.FromMinutes(2);
}
