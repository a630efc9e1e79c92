using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Capstan.Access.Rights;

namespace Capstan.Access.SignIn;

/// <summary>Codes that sign somebody in once, within a quarter of an hour: printed in a terminal as a link.</summary>
/// <param name="time">The clock.</param>
public sealed class OneTimeCodes(TimeProvider time)
{
    private const int MostCodes = 100;

    /// <summary>How long a code holds.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    private readonly ConcurrentDictionary<string, (Principal Principal, DateTimeOffset EndsAt)> _codes = new(StringComparer.Ordinal);

    /// <summary>Makes a code.</summary>
    public string Make(Principal principal)
    {
        foreach (var old in _codes.OrderBy(c => c.Value.EndsAt).Take(Math.Max(0, _codes.Count - MostCodes + 1)).ToArray()) _codes.TryRemove(old.Key, out _);
        var code = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(24));
        _codes[HashOf(code)] = (principal, time.GetUtcNow() + Lifetime);
        return code;
    }

    /// <summary>Uses a code up. Of two who come with it at once, one is let in.</summary>
    public Principal? Take(string code) => _codes.TryRemove(HashOf(code), out var known) && known.EndsAt > time.GetUtcNow() ? known.Principal : null;

    private static string HashOf(string code) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(code)));
}
