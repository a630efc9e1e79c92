namespace Capstan.Workflows.Backends;

/// <summary>Containers where an engine is here; host processes for the repositories that the operator named, which then win.</summary>
/// <param name="containers">The engine's; null where there is none.</param>
/// <param name="host">Processes of this machine.</param>
/// <param name="onHost">Whether jobs of a repository run as processes.</param>
public sealed class ChosenBackend(IRunnerBackend? containers, IRunnerBackend host, Func<string, bool> onHost) : IRunnerBackend
{
    /// <inheritdoc/>
    public Task<IJobMachine> StartAsync(JobMachineSpec spec, Action<string> log, CancellationToken cancellation)
    {
        var needsContainers = spec.Container is not null || spec.Services.Count > 0;
        return (containers is not null && (needsContainers || !onHost(spec.Repository)) ? containers : host).StartAsync(spec, log, cancellation);
    }

    /// <inheritdoc/>
    public async Task CleanAsync(CancellationToken cancellation)
    {
        await host.CleanAsync(cancellation).ConfigureAwait(false);
        if (containers is not null) await containers.CleanAsync(cancellation).ConfigureAwait(false);
    }
}
