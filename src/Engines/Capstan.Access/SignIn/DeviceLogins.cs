using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Capstan.Access.Secrets;

namespace Capstan.Access.SignIn;

/// <summary>A program that asks to be signed in by a person with a browser (RFC 8628).</summary>
/// <param name="UserCode">What the person compares, such as <c>BCDF-GHJK</c>.</param>
/// <param name="Program">What the program says that it is: of no worth as a proof.</param>
/// <param name="From">The address that it asked from.</param>
/// <param name="EndsAt">Until when it can be answered.</param>
public sealed record DeviceLogin(string UserCode, string Program, string From, DateTimeOffset EndsAt)
{
    /// <summary>What the person said; null as long as nothing.</summary>
    public DeviceAnswer? Answer { get; init; }
}

/// <summary>What a person said to a program that asks to be signed in.</summary>
/// <param name="Token">The token that it gets; null when it was refused.</param>
public sealed record DeviceAnswer(Secret<string>? Token);

/// <summary>What a program that waits is told.</summary>
public enum DeviceState
{
    /// <summary>Nobody answered yet.</summary>
    Pending,

    /// <summary>It is signed in.</summary>
    Allowed,

    /// <summary>The person said no.</summary>
    Refused,

    /// <summary>There is no such request, or none any more.</summary>
    Unknown,
}

/// <summary>The programs that wait to be signed in. Nothing of it outlives the process: who waits asks anew.</summary>
/// <param name="time">The clock.</param>
public sealed class DeviceLogins(TimeProvider time)
{
    private const int MostWaiting = 500;
    private const int MostOfOneAddress = 20;
    private const int CodeLength = 8;
    private const int LongestProgram = 60;

    // No vowels, so that no words come of it, and nothing that looks like something else.
    private const string Letters = "BCDFGHJKLMNPQRSTVWXZ";

    /// <summary>How long a request can be answered.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, DeviceLogin> _waiting = new(StringComparer.Ordinal);

    /// <summary>Takes a request in.</summary>
    /// <returns>The secret by which the program asks again, and the request; null when too many wait.</returns>
    public (string Secret, DeviceLogin Login)? Begin(string program, string from)
    {
        var now = time.GetUtcNow();
        foreach (var (key, login) in _waiting) if (login.EndsAt <= now) _waiting.TryRemove(key, out _);
        if (_waiting.Count >= MostWaiting || _waiting.Values.Count(w => w.From == from) >= MostOfOneAddress) return null;
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var code = RandomNumberGenerator.GetString(Letters, CodeLength);
        var shown = new string([.. program.Where(c => !char.IsControl(c)).Take(LongestProgram)]);
        var begun = new DeviceLogin($"{code[..4]}-{code[4..]}", shown, from, now + Lifetime);
        _waiting[HashOf(secret)] = begun;
        return (secret, begun);
    }

    /// <summary>The request that a person named; null when there is none, or it was answered.</summary>
    public DeviceLogin? Find(string userCode)
    {
        var wanted = Normal(userCode);
        return _waiting.Values.FirstOrDefault(w => w.Answer is null && w.EndsAt > time.GetUtcNow() && Normal(w.UserCode) == wanted);
    }

    /// <summary>Takes a person's answer.</summary>
    /// <returns>Whether there was such a request still.</returns>
    public bool Answer(DeviceLogin login, DeviceAnswer answer)
    {
        foreach (var (key, waiting) in _waiting) if (waiting == login) return _waiting.TryUpdate(key, login with { Answer = answer }, login);
        return false;
    }

    /// <summary>Asks how it stands; an answer is told once.</summary>
    public (DeviceState State, Secret<string>? Token) Ask(string secret)
    {
        var key = HashOf(secret);
        if (!_waiting.TryGetValue(key, out var login) || login.EndsAt <= time.GetUtcNow()) return (DeviceState.Unknown, null);
        if (login.Answer is null) return (DeviceState.Pending, null);
        return !_waiting.TryRemove(key, out _) ? (DeviceState.Unknown, null) : login.Answer.Token is { } token ? (DeviceState.Allowed, token) : (DeviceState.Refused, null);
    }

    private static string Normal(string code) => new([.. code.Where(char.IsAsciiLetter).Select(char.ToUpperInvariant)]);

    private static string HashOf(string secret) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
