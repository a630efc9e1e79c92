using Capstan.LocalCluster.Node.Pods;
using Capstan.Resources;

namespace Capstan.LocalCluster.Node.Probes;

/// <summary>Asks one running container, as long as it runs: first whether it has started, then whether it lives and is ready.</summary>
internal sealed class ContainerProbes : IAsyncDisposable
{
    private readonly NodeParts _node;
    private readonly HandlerAction _actions;
    private readonly KubernetesObject _pod;
    private readonly ContainerEntry _entry;
    private readonly string _podIp;
    private readonly ContainerMemory _memory;
    private readonly Action _wake;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;

    /// <summary>Begins to ask.</summary>
    /// <param name="node">The node.</param>
    /// <param name="actions">Carries the probes out.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="entry">The container.</param>
    /// <param name="containerId">The container in the engine.</param>
    /// <param name="podIp">The pod's address.</param>
    /// <param name="memory">What is found is noted there.</param>
    /// <param name="wake">Called when it changes something.</param>
    public ContainerProbes(
        NodeParts node, HandlerAction actions, KubernetesObject pod, ContainerEntry entry, string containerId, string podIp, ContainerMemory memory, Action wake)
    {
        (_node, _actions, _pod, _entry, ContainerId, _podIp, _memory, _wake) = (node, actions, pod, entry, containerId, podIp, memory, wake);
        memory.Started = ProbeSpec.Of(entry.Body, "startupProbe") is null;
        memory.Ready = ProbeSpec.Of(entry.Body, "readinessProbe") is null;
        memory.Restart = "";
        _running = RunAsync(_stopping.Token);
    }

    /// <summary>The container that is asked.</summary>
    public string ContainerId { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        if (ProbeSpec.Of(_entry.Body, "startupProbe") is { } startup && !await UntilStartedAsync(startup, cancellation).ConfigureAwait(false))
        {
            return;
        }

        var liveness = ProbeSpec.Of(_entry.Body, "livenessProbe") is { } live ? LivenessAsync(live, cancellation) : Task.CompletedTask;
        var readiness = ProbeSpec.Of(_entry.Body, "readinessProbe") is { } ready ? ReadinessAsync(ready, cancellation) : Task.CompletedTask;
        await Task.WhenAll(liveness, readiness).ConfigureAwait(false);
    }

    private async Task<bool> UntilStartedAsync(ProbeSpec probe, CancellationToken cancellation)
    {
        var failures = 0;
        var successes = 0;
        await Task.Delay(probe.InitialDelay, _node.Time, cancellation).ConfigureAwait(false);
        while (true)
        {
            var result = await AskAsync("Startup", probe, cancellation).ConfigureAwait(false);
            (failures, successes) = result.Succeeded ? (0, successes + 1) : (failures + 1, 0);
            if (successes >= probe.SuccessThreshold)
            {
                _memory.Started = true;
                _wake();
                return true;
            }

            if (failures >= probe.FailureThreshold)
            {
                Restart("startup");
                return false;
            }

            await Task.Delay(probe.Period, _node.Time, cancellation).ConfigureAwait(false);
        }
    }

    private async Task LivenessAsync(ProbeSpec probe, CancellationToken cancellation)
    {
        var failures = 0;
        await Task.Delay(probe.InitialDelay, _node.Time, cancellation).ConfigureAwait(false);
        while (true)
        {
            var result = await AskAsync("Liveness", probe, cancellation).ConfigureAwait(false);
            failures = result.Succeeded ? 0 : failures + 1;
            if (failures >= probe.FailureThreshold)
            {
                Restart("liveness");
                return;
            }

            await Task.Delay(probe.Period, _node.Time, cancellation).ConfigureAwait(false);
        }
    }

    private async Task ReadinessAsync(ProbeSpec probe, CancellationToken cancellation)
    {
        var (failures, successes) = (0, 0);
        await Task.Delay(probe.InitialDelay, _node.Time, cancellation).ConfigureAwait(false);
        while (true)
        {
            var result = await AskAsync("Readiness", probe, cancellation).ConfigureAwait(false);
            (failures, successes) = result.Succeeded ? (0, successes + 1) : (failures + 1, 0);
            var ready = successes >= probe.SuccessThreshold || (failures < probe.FailureThreshold && _memory.Ready);
            if (ready != _memory.Ready)
            {
                _memory.Ready = ready;
                _wake();
            }

            await Task.Delay(probe.Period, _node.Time, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<ProbeResult> AskAsync(string kind, ProbeSpec probe, CancellationToken cancellation)
    {
        var result = await _actions.RunAsync(_entry.Body, ContainerId, _podIp, probe.Action, probe.Timeout, cancellation).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            _node.Events.Record(_pod, isWarning: true, "Unhealthy", $"{kind} probe failed: {result.Message}", _entry.FieldPath);
        }

        return result;
    }

    private void Restart(string probe)
    {
        _memory.Restart = $"Container {_entry.Name} failed {probe} probe, will be restarted";
        _wake();
    }
}
