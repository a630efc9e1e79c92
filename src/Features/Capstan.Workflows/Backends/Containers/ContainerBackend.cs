using Capstan.Containers;
using Capstan.Containers.Containers;
using Capstan.Containers.Networks;
using Capstan.Workflows.Runs;

namespace Capstan.Workflows.Backends.Containers;

/// <summary>Each job in a container of its own, with its services beside it in a network of their own. No container gets the engine's socket: what has to be
/// done with the engine is done here, outside.</summary>
/// <param name="engine">The engine, as the owner of all jobs' containers sees it.</param>
/// <param name="options">Images and limits.</param>
/// <param name="images">The image of each label.</param>
/// <param name="time">The clock.</param>
public sealed class ContainerBackend(ContainerEngine engine, ContainerBackendOptions options, RunnerImages images, TimeProvider time) : IRunnerBackend
{
    private const string JobLabel = "dev.capstan.job";
    private const string Inside = "/__w";
    private static readonly TimeSpan HealthPause = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public async Task<IJobMachine> StartAsync(JobMachineSpec spec, Action<string> log, CancellationToken cancellation)
    {
        var name = $"capstan-ci-{RunNames.Hash(spec.Key)}";
        var labels = new Dictionary<string, string> { [JobLabel] = name };
        try
        {
            var container = spec.Container ?? new JobContainer(await images.FindAsync(spec.Labels, log, cancellation).ConfigureAwait(false));
            await engine.Networks.EnsureAsync(new NetworkSpec(name) { Labels = labels }, cancellation).ConfigureAwait(false);
            var services = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var (alias, service) in spec.Services) services[alias] = await ServiceAsync(name, labels, alias, service, log, cancellation).ConfigureAwait(false);
            log($"Runs in a container of {container.Image}");
            var id = await CreateAsync(name, labels, container, ContainerNetwork.Named(name, name), ["sh", "-c", "while :; do sleep 3600; done"], [new ContainerMount.Folder(spec.Folder, Inside), .. Volumes(container, spec.Folder)], cancellation).ConfigureAwait(false);
            var door = await DoorAsync(id, log, cancellation).ConfigureAwait(false);
            return new ContainerMachine(engine, id, spec.Folder, Inside, new MachineFacts(id, name, services), async () =>
            {
                if (door is not null) await door.DisposeAsync().ConfigureAwait(false);
                await RemoveAsync(name).ConfigureAwait(false);
            });
        }
        catch (ContainerEngineException failure)
        {
            await RemoveAsync(name).ConfigureAwait(false);
            throw new WorkflowException(failure.Message, failure);
        }
        catch
        {
            await RemoveAsync(name).ConfigureAwait(false);
            throw;
        }
    }

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

    private async Task<string> ServiceAsync(string job, Dictionary<string, string> labels, string alias, JobContainer service, Action<string> log, CancellationToken cancellation)
    {
        if (!alias.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')) throw new WorkflowException($"services: '{alias}' is no name of a host");
        log($"Starts the service {alias} ({service.Image})");
        IReadOnlyList<string>? program = service.Entrypoint.Length > 0 ? ContainerOptions.Words(service.Entrypoint) : null;
        IReadOnlyList<string>? arguments = service.Command.Length > 0 ? ContainerOptions.Words(service.Command) : null;
        var id = await CreateAsync($"{job}-{alias}", labels, service, ContainerNetwork.Named(job, alias), program, [], cancellation, arguments).ConfigureAwait(false);
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

    private async Task<string> CreateAsync(
        string name, Dictionary<string, string> labels, JobContainer container, ContainerNetwork network, IReadOnlyList<string>? program, IReadOnlyList<ContainerMount> mounts, CancellationToken cancellation, IReadOnlyList<string>? arguments = null)
    {
        var given = ContainerOptions.Parse(container.Options);
        if (await engine.Images.InspectAsync(container.Image, cancellation).ConfigureAwait(false) is null) await engine.Images.PullAsync(container.Image, null, cancellation).ConfigureAwait(false);
        var id = await engine.Containers.CreateAsync(new ContainerSpec
        {
            Name = name,
            Image = container.Image,
            Entrypoint = program,
            Arguments = arguments,
            Environment = container.Environment.Concat(given.Environment).GroupBy(e => e.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last().Value, StringComparer.Ordinal),
            User = given.User,
            Hostname = given.Hostname,
            Network = network,
            Mounts = mounts,
            Limits = given.Limits(options),
            Security = new ContainerSecurity { NoNewPrivileges = true },
            Labels = labels,
        }, cancellation).ConfigureAwait(false);
        await engine.Containers.StartAsync(id, cancellation).ConfigureAwait(false);
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

    private async Task RemoveAsync(string name)
    {
        await engine.Containers.ReapAsync(new Dictionary<string, string> { [JobLabel] = name }, _ => false, CancellationToken.None).ConfigureAwait(false);
        await engine.Networks.RemoveAsync(name, CancellationToken.None).ConfigureAwait(false);
    }
}
