using System.Collections.Concurrent;

namespace Capstan.Sources.Http;

/// <summary>Lets one at a time through for each key, so that what many ask for at once is fetched once.</summary>
internal sealed class KeyedGate
{
    private const int MostKeys = 4096;

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _locks = new(StringComparer.Ordinal);

    /// <param name="key">What is wanted.</param>
    /// <param name="get">Gets it.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="known">Tells what is here already; asked again after waiting.</param>
    public async Task<T> EnterAsync<T>(string key, Func<Task<T>> get, CancellationToken cancellation, Func<T?>? known = null)
        where T : class
    {
        if (known?.Invoke() is { } before)
        {
            return before;
        }

        if (_locks.Count > MostKeys)
        {
            _locks.Clear();
        }

        var one = _locks.GetOrAdd(key, static _ => new SemaphoreSlim(1));
        await one.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return known?.Invoke() ?? await get().ConfigureAwait(false);
        }
        finally
        {
            one.Release();
        }
    }
}
