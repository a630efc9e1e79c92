using Capstan.GitHost.Pushes;

namespace Capstan.Server.Bindings;

/// <summary>Tells the engine of pushes. It stands before the engine does, since the Git host needs it first; a push of that time is found
/// by the engine's own first look.</summary>
internal sealed class PushRelay : IPushObserver
{
    private volatile Func<PushEvent, CancellationToken, ValueTask>? _engine;

    /// <summary>From now on the engine is told.</summary>
    public void Connect(Func<PushEvent, CancellationToken, ValueTask> engine) => _engine = engine;

    /// <inheritdoc/>
    public ValueTask OnPushAsync(PushEvent push, CancellationToken cancellation) => _engine?.Invoke(push, cancellation) ?? ValueTask.CompletedTask;
}
