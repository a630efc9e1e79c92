using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Capstan.Access.SignIn;

/// <summary>Slows down who guesses: after some wrong tries a name, or an address, has to wait, longer each time. Names that nobody has share a fixed
/// number of counters, so that inventing names pushes no real counter out, and an invented name is treated as a real one is.</summary>
/// <param name="time">The clock.</param>
public sealed class SignInThrottle(TimeProvider time)
{
    private const int FreeTries = 5;
    private const int FreeTriesOfAddress = 20;
    private const int MostAddresses = 10_000;
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Forgotten = TimeSpan.FromHours(1);
    private readonly ConcurrentDictionary<string, Count> _names = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Count> _addresses = new(StringComparer.Ordinal);

    private sealed record Count(int Failures, DateTimeOffset Last);

    /// <summary>How long a try has to wait; zero when it may go on. What waits is not checked at all.</summary>
    /// <param name="name">Who is tried; null for a token, which nobody guesses.</param>
    /// <param name="exists">Whether there is such a user.</param>
    /// <param name="address">Where the try comes from.</param>
    public TimeSpan Wait(string? name, bool exists, string address)
    {
        var byName = name is null ? TimeSpan.Zero : WaitOf(_names, KeyOf(name, exists), FreeTries);
        var byAddress = WaitOf(_addresses, address, FreeTriesOfAddress);
        return byName > byAddress ? byName : byAddress;
    }

    /// <summary>Counts a wrong try.</summary>
    public void Failed(string? name, bool exists, string address)
    {
        if (name is not null) Add(_names, KeyOf(name, exists));
        if (_addresses.Count >= MostAddresses && !_addresses.ContainsKey(address)) Trim();
        Add(_addresses, address);
    }

    /// <summary>A right one: the name's counter begins anew. The address keeps its own, else one right try would pay for many wrong ones.</summary>
    public void Succeeded(string name) => _names.TryRemove(KeyOf(name, exists: true), out _);

    private static string KeyOf(string name, bool exists) => exists ? name : $"?{SHA256.HashData(Encoding.UTF8.GetBytes(name))[0] << 4}";

    private void Add(ConcurrentDictionary<string, Count> counts, string key)
    {
        var now = time.GetUtcNow();
        counts.AddOrUpdate(key, _ => new Count(1, now), (_, known) => now - known.Last > Forgotten ? new Count(1, now) : new Count(known.Failures + 1, now));
    }

    private TimeSpan WaitOf(ConcurrentDictionary<string, Count> counts, string key, int free)
    {
        if (!counts.TryGetValue(key, out var count) || count.Failures < free) return TimeSpan.Zero;
        var wait = FirstWait * Math.Pow(2, Math.Min(count.Failures - free, 10));
        var end = count.Last + (wait < LongestWait ? wait : LongestWait);
        return end > time.GetUtcNow() ? end - time.GetUtcNow() : TimeSpan.Zero;
    }

    private void Trim()
    {
        foreach (var old in _addresses.OrderBy(a => a.Value.Failures).ThenBy(a => a.Value.Last).Take(MostAddresses / 10).ToArray()) _addresses.TryRemove(old.Key, out _);
    }
}
