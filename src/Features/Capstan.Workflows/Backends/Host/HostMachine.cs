using Capstan.Containers;
using Capstan.Sources.Processes;
using Capstan.Workflows.Backends.Containers;

namespace Capstan.Workflows.Backends.Host;

/// <summary>One job as processes of this machine.</summary>
internal sealed class HostMachine(ProcessRunner programs, JobProcesses processes, JobContainers? containers) : IJobMachine
{
    // Both outputs into one pipe, so that lines keep their order. The words of the program are arguments, not text of the script. The shell stays as the
    // program's parent: a step that kills its parent ends its own job and nothing else.
    private const string Join = "\"$@\" 2>&1; exit $?";
    private static readonly TimeSpan Longest = TimeSpan.FromDays(10);

    public string SearchPath => Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin";

    public MachineFacts Facts => MachineFacts.None;

    public string Inner(string hostPath) => hostPath;

    public async Task<int> RunAsync(StepProcess process, Action<ReadOnlyMemory<byte>> output, CancellationToken cancellation)
    {
        var environment = new Dictionary<string, string>(process.Environment) { [JobProcesses.Variable] = processes.Mark };
        var call = new ProgramCall("/bin/sh", ["-c", Join, "sh", .. process.Arguments]) { WorkingFolder = process.WorkingFolder, Environment = environment, TimeLimit = Longest };
        var read = Task.CompletedTask;
        try
        {
            var exit = await programs.StreamAsync(call, static (_, _) => Task.CompletedTask, (stream, token) => read = ReadAsync(stream, output, token), cancellation).ConfigureAwait(false);
            return exit.ExitCode;
        }
        catch (ProgramException failure)
        {
            throw new WorkflowException(failure.Message, failure);
        }
    }

    public async Task<int> RunAsync(ActionContainer container, Action<string> log, Action<ReadOnlyMemory<byte>> output, CancellationToken cancellation)
    {
        if (containers is null) throw new WorkflowException("the action runs a container, and no container engine is here. Start Podman or Docker");
        try
        {
            return await containers.RunAsync(container, log, output, cancellation).ConfigureAwait(false);
        }
        catch (ContainerEngineException failure)
        {
            throw new WorkflowException(failure.Message, failure);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await processes.EndAllAsync(CancellationToken.None).ConfigureAwait(false);
        if (containers is not null) await containers.RemoveAsync().ConfigureAwait(false);
    }

    private static async Task ReadAsync(Stream stream, Action<ReadOnlyMemory<byte>> output, CancellationToken cancellation)
    {
        var buffer = new byte[32 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0) output(buffer.AsMemory(0, read));
    }
}
