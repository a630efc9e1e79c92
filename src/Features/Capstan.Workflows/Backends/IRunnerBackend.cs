namespace Capstan.Workflows.Backends;

/// <summary>Where jobs run. To add one: a folder beside this file, and a line where the server binds them.</summary>
public interface IRunnerBackend
{
    /// <summary>Makes a machine for one job.</summary>
    /// <exception cref="WorkflowException">It cannot; the message says why and what to do.</exception>
    Task<IJobMachine> StartAsync(JobMachineSpec spec, Action<string> log, CancellationToken cancellation);

    /// <summary>Ends everything that jobs of a process before this one left behind.</summary>
    Task CleanAsync(CancellationToken cancellation);
}

/// <summary>A machine for one job. Disposing it ends everything that the job started.</summary>
public interface IJobMachine : IAsyncDisposable
{
    /// <summary>The path by which the job sees a folder or file of its job folder.</summary>
    string Inner(string hostPath);

    /// <summary>Where the job's programs are looked for.</summary>
    string SearchPath { get; }

    /// <summary>What <c>job.container</c> and <c>job.services</c> say.</summary>
    MachineFacts Facts { get; }

    /// <summary>Runs a program to its end; on cancellation it is ended with all that it started.</summary>
    /// <returns>Its exit code.</returns>
    Task<int> RunAsync(StepProcess process, Action<ReadOnlyMemory<byte>> output, CancellationToken cancellation);

    /// <summary>Runs an action's container beside the job to its end, with the job's folder in it; on cancellation it is ended.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="WorkflowException">There is no engine, or the image cannot be had.</exception>
    Task<int> RunAsync(ActionContainer container, Action<string> log, Action<ReadOnlyMemory<byte>> output, CancellationToken cancellation);
}

/// <summary>What a machine is made of.</summary>
/// <param name="Key">A name that no other job has.</param>
/// <param name="Repository">The repository whose workflow it is.</param>
/// <param name="Folder">The job's folder on this machine; its sub-folders hold the work tree, temporary files and actions.</param>
/// <param name="Labels">The labels of <c>runs-on</c>.</param>
public sealed record JobMachineSpec(string Key, string Repository, string Folder, IReadOnlyList<string> Labels)
{
    /// <summary>The container that the workflow asks for; null for the runner's own image.</summary>
    public JobContainer? Container { get; init; }

    /// <summary>Containers beside it, by name.</summary>
    public IReadOnlyList<KeyValuePair<string, JobContainer>> Services { get; init; } = [];
}

/// <summary>A container of a job.</summary>
/// <param name="Image">Its image.</param>
public sealed record JobContainer(string Image)
{
    /// <summary>Its environment.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>Ports, as written.</summary>
    public IReadOnlyList<string> Ports { get; init; } = [];

    /// <summary>Volumes, as written.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = [];

    /// <summary>Options, as written.</summary>
    public string Options { get; init; } = "";

    /// <summary>What it runs; empty for the image's own.</summary>
    public string Entrypoint { get; init; } = "";

    /// <summary>The arguments; empty for the image's own.</summary>
    public string Command { get; init; } = "";
}

/// <summary>The container of an action. It is made and run from outside the job, which gets nothing of the engine.</summary>
/// <param name="Environment">Its environment besides the image's.</param>
public sealed record ActionContainer(IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>Its image; empty where it is built.</summary>
    public string Image { get; init; } = "";

    /// <summary>The folder that the image is built of; empty where it is not built.</summary>
    public string BuildFolder { get; init; } = "";

    /// <summary>The Dockerfile's path in that folder.</summary>
    public string Dockerfile { get; init; } = "";

    /// <summary>A name for the built image that changes when what is in the folder does; empty where that cannot be told, and it is built anew.</summary>
    public string BuildKey { get; init; } = "";

    /// <summary>The program; empty for the image's.</summary>
    public IReadOnlyList<string> Entrypoint { get; init; } = [];

    /// <summary>The arguments; empty for the image's.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];
}

/// <summary>What a job may know of its machine.</summary>
/// <param name="ContainerId">The container's id; empty for a host process.</param>
/// <param name="Network">The network's name; empty for none.</param>
/// <param name="Services">The ids of services by name.</param>
public sealed record MachineFacts(string ContainerId, string Network, IReadOnlyDictionary<string, string> Services)
{
    /// <summary>Nothing.</summary>
    public static readonly MachineFacts None = new("", "", new Dictionary<string, string>());
}

/// <summary>A program of a step.</summary>
/// <param name="Arguments">The program and its arguments, as the job sees paths.</param>
/// <param name="Environment">Its whole environment.</param>
/// <param name="WorkingFolder">Where it runs, as the job sees it.</param>
public sealed record StepProcess(IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment, string WorkingFolder);
