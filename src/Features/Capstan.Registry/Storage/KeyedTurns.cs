namespace Capstan.Registry.Storage;

/// <summary>Turns by key: who has a key's turn is alone with it. Keys share a fixed number of turns, so that there is nothing to clean up.</summary>
internal sealed class KeyedTurns : IDisposable
{
    private const int Count = 256;
    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, Count).Select(_ => new SemaphoreSlim(1, 1))];

    public async Task<IDisposable> TakeAsync(string key, CancellationToken cancellation)
    {
        var turn = _turns[(uint)string.GetHashCode(key, StringComparison.Ordinal) % Count];
        await turn.WaitAsync(cancellation).ConfigureAwait(false);
        return new Turn(turn);
    }

    public void Dispose()
    {
        foreach (var turn in _turns) turn.Dispose();
    }

    private sealed class Turn(SemaphoreSlim semaphore) : IDisposable
    {
        public void Dispose() => semaphore.Release();
    }
}
