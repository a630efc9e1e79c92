using System.Formats.Tar;
using Capstan.Containers;
using Capstan.Containers.Containers;
using Capstan.Containers.Networks;
using Capstan.Workflows.Runs;

namespace Capstan.Workflows.Backends.Containers;

/// <summary>The containers of one job, in a network of their own: its own, its services and those of its actions. All of them are made here, outside the job.</summary>
/// <param name="engine">The engine.</param>
/// <param name="options">Limits.</param>
/// <param name="key">The job's key.</param>
/// <param name="folder">The job's folder on this machine.</param>
/// <param name="inside">The path by which its programs see that folder.</param>
internal sealed class JobContainers(ContainerEngine engine, ContainerBackendOptions options, string key, string folder, string inside)
{
    private const string JobLabel = "dev.capstan.job";
    private const string ActionFolder = "/github";
    private readonly List<string> _built = [];
    private int _actions;
    private bool _joined;

    /// <summary>The name of the job's container and of its network.</summary>
    public string Name { get; } = $"capstan-ci-{RunNames.Hash(key)}";

    private Dictionary<string, string> Labels => new() { [JobLabel] = Name };

    /// <summary>Makes the network, unless it is there.</summary>
    public Task JoinAsync(CancellationToken cancellation)
    {
        _joined = true;
        return engine.Networks.EnsureAsync(new NetworkSpec(Name) { Labels = Labels }, cancellation);
    }

    /// <summary>Makes and starts a container.</summary>
    /// <param name="name">Its name, which others of the network find it by.</param>
    /// <param name="container">What it is of.</param>
    /// <param name="mounts">What of the job's folder it sees.</param>
    /// <param name="program">Its program; null for what the container says.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    public async Task<string> StartAsync(string name, JobContainer container, IReadOnlyList<ContainerMount> mounts, IReadOnlyList<string>? program, CancellationToken cancellation)
    {
        var own = name.Length == 0 ? Name : $"{Name}-{name}";
        var given = ContainerOptions.Parse(container.Options);
        var id = await CreateAsync(own, new ContainerSpec
        {
            Name = own,
            Image = container.Image,
            Entrypoint = program ?? (container.Entrypoint.Length > 0 ? ContainerOptions.Words(container.Entrypoint) : null),
            Arguments = program is null && container.Command.Length > 0 ? ContainerOptions.Words(container.Command) : null,
            Environment = container.Environment.Concat(given.Environment).GroupBy(e => e.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last().Value, StringComparer.Ordinal),
            User = given.User,
            Hostname = given.Hostname,
            Network = ContainerNetwork.Named(Name, name.Length == 0 ? Name : name),
            Mounts = mounts,
            Limits = given.Limits(options),
        }, cancellation).ConfigureAwait(false);
        await engine.Containers.StartAsync(id, cancellation).ConfigureAwait(false);
        return id;
    }

    /// <summary>Runs an action's container to its end.</summary>
    public async Task<int> RunAsync(ActionContainer action, Action<string> log, Action<ReadOnlyMemory<byte>> output, CancellationToken cancellation)
    {
        await JoinAsync(cancellation).ConfigureAwait(false);
        var image = action.BuildFolder.Length > 0 ? await BuildAsync(action, log, cancellation).ConfigureAwait(false) : action.Image;
        var own = $"{Name}-action-{(++_actions).ToString(System.Globalization.CultureInfo.InvariantCulture)}";
        var workspace = Path.Combine(folder, Running.JobFolder.WorkspaceName);
        var id = await CreateAsync(own, new ContainerSpec
        {
            Name = own,
            Image = image,
            Entrypoint = action.Entrypoint.Count > 0 ? action.Entrypoint : null,
            Arguments = action.Arguments.Count > 0 ? action.Arguments : null,
            Environment = new Dictionary<string, string>(action.Environment) { ["GITHUB_WORKSPACE"] = $"{ActionFolder}/workspace", ["HOME"] = $"{ActionFolder}/home" },
            WorkingFolder = $"{ActionFolder}/workspace",
            Network = ContainerNetwork.Named(Name),
            Mounts =
            [
                new ContainerMount.Folder(folder, inside), new ContainerMount.Folder(workspace, $"{ActionFolder}/workspace"),
                new ContainerMount.Folder(Path.Combine(folder, Running.JobFolder.HomeName), $"{ActionFolder}/home"),
            ],
            Limits = new ContainerOptions().Limits(options),
        }, cancellation).ConfigureAwait(false);
        try
        {
            await engine.Containers.StartAsync(id, cancellation).ConfigureAwait(false);
            using (var stream = await engine.Containers.LogsAsync(id, new LogQuery { Follow = true }, cancellation).ConfigureAwait(false))
            {
                while (await stream.ReadAsync(cancellation).ConfigureAwait(false) is { } piece) output(piece.Bytes);
            }

            return await engine.Containers.WaitAsync(id, cancellation).ConfigureAwait(false);
        }
        finally
        {
            await engine.Containers.RemoveAsync(id, CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Removes all of them, their network, and the images that were built for this job alone.</summary>
    public async Task RemoveAsync()
    {
        if (!_joined) return;
        await engine.Containers.ReapAsync(Labels, _ => false, CancellationToken.None).ConfigureAwait(false);
        await engine.Networks.RemoveAsync(Name, CancellationToken.None).ConfigureAwait(false);
        foreach (var image in _built) await engine.Images.RemoveAsync(image, CancellationToken.None).ConfigureAwait(false);
    }

    private async Task<string> CreateAsync(string name, ContainerSpec spec, CancellationToken cancellation)
    {
        if (await engine.Images.InspectAsync(spec.Image, cancellation).ConfigureAwait(false) is null) await engine.Images.PullAsync(spec.Image, null, cancellation).ConfigureAwait(false);
        return await engine.Containers.CreateAsync(spec with { Name = name, Labels = Labels, Security = new ContainerSecurity { NoNewPrivileges = true } }, cancellation).ConfigureAwait(false);
    }

    private async Task<string> BuildAsync(ActionContainer action, Action<string> log, CancellationToken cancellation)
    {
        var once = action.BuildKey.Length == 0;
        var image = $"localhost/capstan/action:{RunNames.Hash(once ? $"{key}\n{++_actions}" : action.BuildKey)}";
        if (!once && await engine.Images.InspectAsync(image, cancellation).ConfigureAwait(false) is not null) return image;
        log($"Builds {action.Dockerfile} of the action, outside the job");
        var archive = $"{folder}.{Guid.NewGuid():N}.tar";
        try
        {
            await using var file = new FileStream(archive, FileMode.CreateNew, FileAccess.ReadWrite);
            await TarFile.CreateFromDirectoryAsync(action.BuildFolder, file, includeBaseDirectory: false, cancellation).ConfigureAwait(false);
            file.Position = 0;
            await engine.Images.BuildAsync(file, action.Dockerfile, image, log, cancellation).ConfigureAwait(false);
            if (once) _built.Add(image);
            return image;
        }
        finally
        {
            File.Delete(archive);
        }
    }
}
