using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace Capstan.Bench;

/// <summary>One browser as the server sees it: it takes compressed answers and follows the stream of changes.</summary>
internal sealed partial class PageClient : IDisposable
{
    private readonly HttpClient _http;

    public PageClient(Server server)
    {
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}") };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Token);
        _http.DefaultRequestHeaders.AcceptEncoding.ParseAdd("gzip, deflate, br");
    }

    /// <summary>Fetches and gives what travelled, compressed as it was.</summary>
    public async Task<byte[]> GetAsync(string address, CancellationToken cancellation)
    {
        // A rate that no person has is answered with 429 and the wish to wait.
        while (true)
        {
            using var answer = await _http.GetAsync(new Uri(address, UriKind.Relative), cancellation);
            if ((int)answer.StatusCode == 429)
            {
                throw new InvalidOperationException($"{address}: the server limits this rate");
            }

            answer.EnsureSuccessStatusCode();
            return await answer.Content.ReadAsByteArrayAsync(cancellation);
        }
    }

    /// <summary>The bytes of a page with its scripts, styles and icon, as they travel.</summary>
    public async Task<long> WeighAsync(string address, CancellationToken cancellation)
    {
        var total = (long)(await GetAsync(address, cancellation)).Length;
        using var plain = new HttpClient { BaseAddress = _http.BaseAddress };
        plain.DefaultRequestHeaders.Authorization = _http.DefaultRequestHeaders.Authorization;
        var html = await plain.GetStringAsync(new Uri(address, UriKind.Relative), cancellation);
        foreach (var part in Loaded().Matches(html).Select(m => m.Groups[1].Value.Replace("&amp;", "&", StringComparison.Ordinal)).Distinct())
        {
            total += (await GetAsync(part, cancellation)).Length;
        }

        return total;
    }

    /// <summary>Joins the stream of changes.</summary>
    public async Task<FollowedStream> FollowAsync(CancellationToken cancellation)
    {
        var answer = await _http.GetAsync(new Uri("/api/v1/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellation);
        answer.EnsureSuccessStatusCode();
        return new FollowedStream(answer, new StreamReader(await answer.Content.ReadAsStreamAsync(cancellation)));
    }

    public void Dispose() => _http.Dispose();

    [GeneratedRegex("""<(?:script|link)[^>]*?(?:src|href)="(/[^"]+)["]""")]
    private static partial Regex Loaded();
}

/// <summary>An open stream of changes.</summary>
internal sealed class FollowedStream(HttpResponseMessage answer, StreamReader lines) : IDisposable
{
    /// <summary>Waits for the news of an application.</summary>
    /// <returns>The moment, as <see cref="Stopwatch.GetTimestamp"/> tells it.</returns>
    public async Task<long> HearAsync(string application, CancellationToken cancellation)
    {
        var word = $"/{application}\"";
        while (await lines.ReadLineAsync(cancellation) is { } line)
        {
            if (line.StartsWith("data:", StringComparison.Ordinal) && line.Contains(word, StringComparison.Ordinal))
            {
                return Stopwatch.GetTimestamp();
            }
        }

        throw new InvalidOperationException("the stream of changes ended");
    }

    public void Dispose()
    {
        lines.Dispose();
        answer.Dispose();
    }
}
