using Capstan.Containers;
using Capstan.Containers.Networks;
using Capstan.Containers.Streams;

namespace Capstan.Workflows.Backends.Containers;

/// <summary>One job in its container.</summary>
internal sealed class ContainerMachine(ContainerEngine engine, string id, string folder, string inside, MachineFacts facts, JobContainers containers, ContainerDoor? door) : IJobMachine
{
    // From within, this reaches every process of the container but its first.
    private static readonly string[] EndAll = ["sh", "-c", "kill -9 -1"];
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(30);

    public string SearchPath => "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    public MachineFacts Facts => facts;

    public string Inner(string hostPath) => hostPath.StartsWith(folder, StringComparison.Ordinal) ? inside + hostPath[folder.Length..] : hostPath;

    public async Task<int> RunAsync(StepProcess process, Action<ReadOnlyMemory<byte>> output, CancellationToken cancellation)
    {
        var spec = new ExecSpec(process.Arguments) { Environment = process.Environment, WorkingFolder = process.WorkingFolder };
        try
        {
            return await engine.Containers.RunAsync(id, spec, (piece, _) =>
            {
                output(piece.Bytes);
                return ValueTask.CompletedTask;
            }, cancellation).ConfigureAwait(false);
        }
        catch (ContainerEngineException failure)
        {
            throw new WorkflowException(failure.Message, failure);
        }
        catch (OperationCanceledException)
        {
            await EndStepAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async Task<int> RunAsync(ActionContainer container, Action<string> log, Action<ReadOnlyMemory<byte>> output, CancellationToken cancellation)
    {
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
        if (door is not null) await door.DisposeAsync().ConfigureAwait(false);
        await containers.RemoveAsync().ConfigureAwait(false);
    }

    private async Task EndStepAsync()
    {
        using var limit = new CancellationTokenSource(EndTime);
        try
        {
            await engine.Containers.RunAsync(id, new ExecSpec(EndAll), static (_, _) => ValueTask.CompletedTask, limit.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is ContainerEngineException or OperationCanceledException)
        {
            // A container full of processes takes no further one: it ends as a whole, and the job with it.
            await engine.Containers.KillAsync(id, "KILL", CancellationToken.None).ConfigureAwait(false);
        }
    }
}
