using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Capstan.Access.Rights;

namespace Capstan.Access.SignIn;

/// <summary>Somebody who is signed in with a browser.</summary>
/// <param name="Principal">Who.</param>
/// <param name="Guard">What every request of a page that changes something has to bring along; a page of another site cannot know it.</param>
/// <param name="OpenedAt">When it was opened.</param>
/// <param name="From">The address that it was opened from.</param>
public sealed record Session(Principal Principal, string Guard, DateTimeOffset OpenedAt, string From)
{
    /// <summary>When it was last used.</summary>
    public DateTimeOffset SeenAt { get; init; }
}

/// <summary>The sessions that are open, by the hash of what the browser keeps. Who wants them to outlive the process keeps <see cref="All"/> whenever
/// <see cref="Changed"/> says so, and brings them back with <see cref="Restore"/>.</summary>
/// <param name="time">The clock.</param>
public sealed class SessionBook(TimeProvider time)
{
    private const int MostSessions = 20_000;
    private const int MostOfOne = 50;

    /// <summary>How long a session lasts that nobody uses.</summary>
    public static readonly TimeSpan IdleTime = TimeSpan.FromHours(12);

    /// <summary>How long a session lasts at most.</summary>
    public static readonly TimeSpan LongestTime = TimeSpan.FromDays(7);

    private readonly ConcurrentDictionary<string, Session> _open = new(StringComparer.Ordinal);

    /// <summary>Told when a session was opened or ended, before anybody is answered.</summary>
    public Action Changed { get; set; } = () => { };

    /// <summary>All that are open, by the hash of what the browser keeps.</summary>
    public IReadOnlyDictionary<string, Session> All => _open;

    /// <summary>Takes in a session of before.</summary>
    public void Restore(string key, Session session) => _open[key] = session;

    /// <summary>Opens a session under a new secret, whatever the browser had before.</summary>
    /// <returns>What the browser keeps.</returns>
    public string Open(Principal principal, string from)
    {
        Trim(principal.Name);
        var now = time.GetUtcNow();
        var secret = Random();
        _open[HashOf(secret)] = new Session(principal, Random(), now, from) { SeenAt = now };
        Changed();
        return secret;
    }

    /// <summary>The session of a browser; null when it is none or has ended.</summary>
    public Session? Find(string secret)
    {
        var key = HashOf(secret);
        if (!_open.TryGetValue(key, out var session)) return null;
        var now = time.GetUtcNow();
        if (now - session.SeenAt > IdleTime || now - session.OpenedAt > LongestTime)
        {
            _open.TryRemove(key, out _);
            return null;
        }

        if (now - session.SeenAt > TimeSpan.FromMinutes(1)) _open.TryUpdate(key, session with { SeenAt = now }, session);
        return session;
    }

    /// <summary>The sessions of somebody, for a list.</summary>
    public IReadOnlyList<Session> Of(string name) => [.. _open.Values.Where(s => s.Principal.Name == name)];

    /// <summary>Ends one.</summary>
    public void Close(string secret)
    {
        if (_open.TryRemove(HashOf(secret), out _)) Changed();
    }

    /// <summary>Ends all of somebody: everywhere signed out.</summary>
    public void CloseAll(string name)
    {
        foreach (var (key, session) in _open)
        {
            if (session.Principal.Name == name) _open.TryRemove(key, out _);
        }
        Changed();
    }

    /// <summary>Gives somebody's sessions the groups that hold now.</summary>
    public void Regroup(string name, IReadOnlyList<string> groups)
    {
        foreach (var (key, session) in _open)
        {
            if (session.Principal.Name == name) _open.TryUpdate(key, session with { Principal = session.Principal with { Groups = groups } }, session);
        }
    }

    private void Trim(string name)
    {
        foreach (var old in _open.Where(s => s.Value.Principal.Name == name).OrderByDescending(s => s.Value.SeenAt).Skip(MostOfOne - 1).ToArray()) _open.TryRemove(old.Key, out _);
        if (_open.Count < MostSessions) return;
        foreach (var old in _open.OrderBy(s => s.Value.SeenAt).Take(MostSessions / 10).ToArray()) _open.TryRemove(old.Key, out _);
    }

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    private static string HashOf(string secret) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
