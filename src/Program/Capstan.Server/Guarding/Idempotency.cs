using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Capstan.Server.Problems;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Guarding;

/// <summary>A POST of the API with an <c>Idempotency-Key</c> is done once: sent again within a day, the first answer is given again. Held in memory, so a
/// restart forgets; what must never be done twice is guarded where it is done.</summary>
internal sealed class Idempotency(RequestDelegate next, TimeProvider time)
{
    private const int MostKept = 10_000;
    private const int LongestKey = 200;
    private const int LargestAnswer = 256 * 1024;
    private const int LargestBody = 1 << 20;
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);
    private static readonly PathString Api = "/api/v1";
    private readonly ConcurrentDictionary<string, Kept> _kept = new(StringComparer.Ordinal);

    private sealed record Kept(string Request, DateTimeOffset At, int Status = 0, string? ContentType = null, byte[]? Body = null);

    public async Task InvokeAsync(HttpContext http)
    {
        var given = http.Request.Headers["Idempotency-Key"].FirstOrDefault();
        if (given is null || !HttpMethods.IsPost(http.Request.Method) || !http.Request.Path.StartsWithSegments(Api))
        {
            await next(http).ConfigureAwait(false);
            return;
        }
        if (given.Length is 0 or > LongestKey) throw RequestProblem.Malformed($"Idempotency-Key: needs 1 to {LongestKey} characters");
        var request = await FingerprintAsync(http).ConfigureAwait(false);
        var key = $"{GuardMiddleware.PrincipalOf(http)}\0{http.Request.Path}\0{given}";
        Trim();
        var mine = new Kept(request, time.GetUtcNow());
        var there = _kept.GetOrAdd(key, mine);
        if (!ReferenceEquals(there, mine))
        {
            await AnswerAgainAsync(http, there, request, given).ConfigureAwait(false);
            return;
        }
        await DoAsync(http, key, mine).ConfigureAwait(false);
    }

    private async Task DoAsync(HttpContext http, string key, Kept mine)
    {
        var real = http.Response.Body;
        using var copy = new MemoryStream();
        http.Response.Body = copy;
        var done = false;
        try
        {
            await next(http).ConfigureAwait(false);
            done = http.Response.StatusCode < 500 && copy.Length <= LargestAnswer;
        }
        finally
        {
            http.Response.Body = real;
            if (done) _kept[key] = mine with { Status = http.Response.StatusCode, ContentType = http.Response.ContentType, Body = copy.ToArray() };
            // What failed may be tried again.
            else _kept.TryRemove(key, out _);
        }
        if (copy.Length > 0) await real.WriteAsync(copy.GetBuffer().AsMemory(0, (int)copy.Length), http.RequestAborted).ConfigureAwait(false);
    }

    private static async Task AnswerAgainAsync(HttpContext http, Kept there, string request, string given)
    {
        if (there.Request != request) throw RequestProblem.Refused($"Idempotency-Key {given}: was used for another wish", "Take a new key for a new wish");
        if (there.Body is null) throw RequestProblem.Conflict($"Idempotency-Key {given}: is being worked on", "Ask again in a moment");
        http.Response.StatusCode = there.Status;
        http.Response.ContentType = there.ContentType;
        http.Response.Headers["Idempotency-Replayed"] = "true";
        if (there.Body.Length > 0) await http.Response.Body.WriteAsync(there.Body, http.RequestAborted).ConfigureAwait(false);
    }

    private static async Task<string> FingerprintAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int read; (read = await http.Request.Body.ReadAsync(buffer, http.RequestAborted).ConfigureAwait(false)) > 0;)
        {
            if (body.Length + read > LargestBody) throw new RequestProblem(413, "too-large", "The body is too large", $"with an Idempotency-Key it may have {LargestBody} bytes");
            body.Write(buffer, 0, read);
        }
        http.Request.Body = new MemoryStream(body.ToArray());
        return Convert.ToHexString(SHA256.HashData([.. Encoding.UTF8.GetBytes(http.Request.QueryString.Value ?? ""), 0, .. body.ToArray()]));
    }

    private void Trim()
    {
        var oldest = time.GetUtcNow() - Lifetime;
        if (_kept.Count < MostKept && (_kept.Count % 256 != 0 || _kept.IsEmpty)) return;
        foreach (var (key, kept) in _kept) if (kept.At < oldest) _kept.TryRemove(key, out _);
        if (_kept.Count >= MostKept) throw new RequestProblem(429, "too-many", "Too many calls", "too many idempotency keys are in use", "Ask again later, or without a key");
    }
}
