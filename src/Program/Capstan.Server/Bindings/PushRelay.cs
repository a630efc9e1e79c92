using Capstan.GitHost.Pushes;

namespace Capstan.Server.Bindings;

/// <summary>Tells the engine of pushes. It stands before the engine does, since the Git host needs it first; a push of that time is found
/// by the engine's own first look.</summary>
internal sealed class PushRelay : IPushObserver
{
    private volatile Func<PushEvent, CancellationToken, ValueTask>? _engine;
    private volatile Func<PushEvent, CancellationToken, Task<string>>? _narrator;

    /// <summary>From now on the engine is told.</summary>
    public void Connect(Func<PushEvent, CancellationToken, ValueTask> engine) => _engine = engine;

    /// <summary>From now on who pushes is told something.</summary>
    public void Narrate(Func<PushEvent, CancellationToken, Task<string>> narrator) => _narrator = narrator;

    /// <summary>What is said to who pushed; nothing before the server stands.</summary>
    public Task<string> SayAsync(PushEvent push, CancellationToken cancellation) => _narrator?.Invoke(push, cancellation) ?? Task.FromResult("");

    /// <inheritdoc/>
    public ValueTask OnPushAsync(PushEvent push, CancellationToken cancellation) => _engine?.Invoke(push, cancellation) ?? ValueTask.CompletedTask;
}
