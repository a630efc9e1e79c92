using Capstan.Sources.Processes;
using Capstan.Workflows.Backends.Containers;

namespace Capstan.Workflows.Backends.Host;

/// <summary>Jobs as processes of this machine, with all rights of this one: only for repositories that the operator named.</summary>
/// <param name="programs">Starts programs.</param>
/// <param name="owner">What marks the processes of this server's jobs: the same after a restart, and nobody else's.</param>
/// <param name="allowed">Whether jobs of a repository may run so.</param>
/// <param name="time">The clock.</param>
/// <param name="containers">Runs the containers of actions; null where no engine is.</param>
public sealed class HostBackend(ProcessRunner programs, string owner, Func<string, bool> allowed, TimeProvider time, ContainerBackend? containers = null) : IRunnerBackend
{
    /// <inheritdoc/>
    public Task<IJobMachine> StartAsync(JobMachineSpec spec, Action<string> log, CancellationToken cancellation)
    {
        if (!allowed(spec.Repository))
        {
            throw new WorkflowException($"no container engine is here, and jobs of {spec.Repository} may not run as processes of this machine. Start Podman or Docker, or start the server with --allow-host-jobs {spec.Repository}, which gives them all rights of the server");
        }

        if (spec.Container is not null || spec.Services.Count > 0) throw new WorkflowException("the job asks for containers, and no container engine is here. Start Podman or Docker");
        log($"Runs as processes of this machine, with the rights of the server ({Environment.UserName})");
        return Task.FromResult<IJobMachine>(new HostMachine(programs, new JobProcesses(owner, spec.Key, time), containers?.Beside(spec)));
    }

    /// <inheritdoc/>
    public Task CleanAsync(CancellationToken cancellation) => new JobProcesses(owner, "", time).EndAllAsync(cancellation);
}
