using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Capstan.Access.SignIn;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Capstan.Server.Guarding;

/// <summary>What a request that changes something must bring along when a session is its credential: the session's word, which only our own pages know.
/// It stands beside the checks of origin and the cookie's SameSite, since each of the three has failed somebody.</summary>
internal static class PageGuard
{
    public const string Field = "_guard";
    public const string Header = "X-Capstan-Guard";

    /// <summary>Where the credential is in the form itself; another site cannot send it, since its origin is refused before.</summary>
    private const string SignIn = "/sign-in";
    private const long LargestForm = 256 * 1024;

    public static async Task<bool> HoldsAsync(HttpContext http, Session session)
    {
        var method = http.Request.Method;
        if (HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || http.Request.Path == SignIn) return true;
        var given = http.Request.Headers[Header].FirstOrDefault();
        if (given is null && http.Request.HasFormContentType)
        {
            if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = LargestForm;
            given = (await http.Request.ReadFormAsync(http.RequestAborted).ConfigureAwait(false))[Field].FirstOrDefault();
        }
        return Holds(given, session);
    }

    /// <summary>Whether a word is the session's, as a page carries it.</summary>
    public static bool Holds(string? given, Session session) =>
        given is not null && Unmask(given) is { } word && CryptographicOperations.FixedTimeEquals(word, Encoding.UTF8.GetBytes(session.Guard));

    /// <summary>The session's word as a page carries it: masked anew each time, because pages travel compressed, and the size of what is compressed tells
    /// about a secret that stays the same.</summary>
    public static string WordFor(Session session)
    {
        var word = Encoding.UTF8.GetBytes(session.Guard);
        var masked = new byte[word.Length * 2];
        RandomNumberGenerator.Fill(masked.AsSpan(0, word.Length));
        for (var i = 0; i < word.Length; i++) masked[word.Length + i] = (byte)(word[i] ^ masked[i]);
        return Base64Url.EncodeToString(masked);
    }

    private static byte[]? Unmask(string given)
    {
        if (!Base64Url.IsValid(given, out var length) || length % 2 != 0) return null;
        var masked = Base64Url.DecodeFromChars(given);
        var word = masked[(length / 2)..];
        for (var i = 0; i < word.Length; i++) word[i] ^= masked[i];
        return word;
    }
}
