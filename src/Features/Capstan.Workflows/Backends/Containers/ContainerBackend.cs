using Capstan.Containers;
using Capstan.Containers.Containers;
using Capstan.Containers.Networks;

namespace Capstan.Workflows.Backends.Containers;

/// <summary>Each job in a container of its own, with its services beside it in a network of their own. No container gets the engine's socket: what has to be
/// done with the engine is done here, outside.</summary>
/// <param name="engine">The engine, as the owner of all jobs' containers sees it.</param>
/// <param name="options">Images and limits.</param>
/// <param name="images">The image of each label.</param>
/// <param name="time">The clock.</param>
public sealed class ContainerBackend(ContainerEngine engine, ContainerBackendOptions options, RunnerImages images, TimeProvider time) : IRunnerBackend
{
    private const string Inside = "/__w";
    private static readonly string[] Idle = ["sh", "-c", "while :; do sleep 3600; done"];
    private static readonly TimeSpan HealthPause = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public async Task<IJobMachine> StartAsync(JobMachineSpec spec, Action<string> log, CancellationToken cancellation)
    {
        var containers = new JobContainers(engine, options, spec.Key, spec.Folder, Inside);
        try
        {
            var container = spec.Container ?? new JobContainer(await images.FindAsync(spec.Labels, log, cancellation).ConfigureAwait(false));
            await containers.JoinAsync(cancellation).ConfigureAwait(false);
            var services = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var (alias, service) in spec.Services) services[alias] = await ServiceAsync(containers, alias, service, log, cancellation).ConfigureAwait(false);
            log($"Runs in a container of {container.Image}");
            var id = await containers.StartAsync("", container, [new ContainerMount.Folder(spec.Folder, Inside), .. Volumes(container, spec.Folder)], Idle, cancellation).ConfigureAwait(false);
            var door = await DoorAsync(id, log, cancellation).ConfigureAwait(false);
            return new ContainerMachine(engine, id, spec.Folder, Inside, new MachineFacts(id, containers.Name, services), containers, door);
        }
        catch (ContainerEngineException failure)
        {
            await containers.RemoveAsync().ConfigureAwait(false);
            throw new WorkflowException(failure.Message, failure);
        }
        catch
        {
            await containers.RemoveAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The containers of a job whose own programs run elsewhere: those of its actions.</summary>
    internal JobContainers Beside(JobMachineSpec spec) => new(engine, options, spec.Key, spec.Folder, spec.Folder);

    /// <inheritdoc/>
    public async Task CleanAsync(CancellationToken cancellation)
    {
        await engine.Containers.ReapAsync(null, _ => false, cancellation).ConfigureAwait(false);
        foreach (var network in await engine.Networks.ListAsync(null, cancellation).ConfigureAwait(false)) await engine.Networks.RemoveAsync(network.Name, cancellation).ConfigureAwait(false);
    }

    // Most jobs never speak to the server, so one that cannot is told so and runs.
    private async Task<ContainerDoor?> DoorAsync(string id, Action<string> log, CancellationToken cancellation)
    {
        if (options.ServerAddress is not { } address) return null;
        try
        {
            if (!engine.Info.SharesKernel) throw new ContainerEngineException(EngineProblem.Refused, "the engine runs on another machine");
            if (await engine.Containers.InspectAsync(id, cancellation).ConfigureAwait(false) is not { ProcessId: > 0 and var process }) throw new ContainerEngineException(EngineProblem.NotFound, "the job's container has ended at once");
            return await ContainerDoor.OpenAsync(process, address, address).ConfigureAwait(false);
        }
        catch (ContainerEngineException closed)
        {
            log($"##[warning]Steps of this job cannot reach the server at {address}: {closed.Message}. Start it with --listen and --external-url on an address that containers reach");
            return null;
        }
    }

    private async Task<string> ServiceAsync(JobContainers containers, string alias, JobContainer service, Action<string> log, CancellationToken cancellation)
    {
        if (!alias.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')) throw new WorkflowException($"services: '{alias}' is no name of a host");
        log($"Starts the service {alias} ({service.Image})");
        var id = await containers.StartAsync(alias, service, [], null, cancellation).ConfigureAwait(false);
        var health = ContainerOptions.Parse(service.Options).HealthCommand;
        var started = time.GetTimestamp();
        while (health.Length > 0)
        {
            if (await engine.Containers.RunAsync(id, new(["sh", "-c", health]), static (_, _) => ValueTask.CompletedTask, cancellation).ConfigureAwait(false) == 0) break;
            if (time.GetElapsedTime(started) > options.HealthTime) throw new WorkflowException($"the service {alias} ({service.Image}) did not become healthy in {options.HealthTime.TotalSeconds:0} s");
            if (await engine.Containers.InspectAsync(id, cancellation).ConfigureAwait(false) is { Phase: ContainerPhase.Exited } ended) throw new WorkflowException($"the service {alias} ({service.Image}) ended with exit code {ended.ExitCode}");
            await Task.Delay(HealthPause, time, cancellation).ConfigureAwait(false);
        }

        return id;
    }

    // Folders of the machine are not given to jobs; a volume with a name is a folder that goes with the job.
    private static IEnumerable<ContainerMount> Volumes(JobContainer container, string folder)
    {
        foreach (var volume in container.Volumes)
        {
            var parts = volume.Split(':');
            if (parts.Length is < 2 or > 3 || !parts[1].StartsWith('/') || !parts[0].All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') || parts[0].Length == 0)
            {
                throw new WorkflowException($"volumes: '{volume}' is not allowed: folders of the machine are not given to jobs. Write NAME:/PATH for a folder that goes with the job");
            }

            var source = Path.Combine(folder, "volumes", parts[0]);
            Directory.CreateDirectory(source);
            yield return new ContainerMount.Folder(source, parts[1], parts.Length == 3 && parts[2] == "ro");
        }
    }
}
