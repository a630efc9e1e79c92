using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Capstan.Api.Problems;
using Capstan.Yaml;

namespace Capstan.Api.Client;

/// <summary>The typed client of the API under <c>/api/v1</c>. Every call answers with what the server said, or throws a
/// <see cref="ProblemException"/> (the server refused) or a <see cref="ServerUnreachableException"/> (no server there).</summary>
public sealed partial class CapstanClient : IDisposable
{
    private const int LongestAnswer = 64 * 1024 * 1024;
    private readonly HttpClient _http;
    private readonly ServerAddress _address;

    /// <summary>A client of one server.</summary>
    public CapstanClient(ServerAddress address)
    {
        _address = address;
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(10) };
        _http = new HttpClient(handler)
        {
            BaseAddress = new Uri(address.Url.ToString().TrimEnd('/') + "/api/v1/"),
            MaxResponseContentBufferSize = LongestAnswer,
            Timeout = TimeSpan.FromMinutes(5),
        };
        if (address.Token is { Length: > 0 } token) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return Parse(await SendAsync(request, cancellation).ConfigureAwait(false), type);
    }

    private async Task<YamlNode> GetTreeAsync(string path, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        var bytes = await SendAsync(request, cancellation).ConfigureAwait(false);
        try
        {
            return JsonText.Read(bytes, new ReadLimits { MaxBytes = LongestAnswer });
        }
        catch (YamlException e)
        {
            throw NotCapstan(e);
        }
    }

    private async Task<TOut> PostAsync<TIn, TOut>(string path, TIn body, JsonTypeInfo<TIn> inType, JsonTypeInfo<TOut> outType, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, inType));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return Parse(await SendAsync(request, cancellation).ConfigureAwait(false), outType);
    }

    private async Task PostAsync(string path, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        await SendAsync(request, cancellation).ConfigureAwait(false);
    }

    private async Task<byte[]> DeleteAsync(string path, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, path);
        return await SendAsync(request, cancellation).ConfigureAwait(false);
    }

    private async Task<byte[]> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        try
        {
            using var response = await _http.SendAsync(request, cancellation).ConfigureAwait(false);
            var bytes = await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode) throw new ProblemException(ReadProblem(response, bytes));
            return bytes;
        }
        catch (HttpRequestException e)
        {
            throw Unreachable(e);
        }
        catch (TaskCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw Unreachable(e);
        }
    }

    /// <summary>Reads server-sent events until the server ends the stream; the server ends it when it stops.</summary>
    private async IAsyncEnumerable<YamlNode> EventsAsync(string path, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw Unreachable(e);
        }
        using (response)
        {
            if (!response.IsSuccessStatusCode)
            {
                throw new ProblemException(ReadProblem(response, await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false)));
            }
            using var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            await foreach (var item in System.Net.ServerSentEvents.SseParser.Create(stream, (_, data) => data.Length == 0 ? null : JsonText.Read(data))
                .EnumerateAsync(cancellation).ConfigureAwait(false))
            {
                if (item.Data is { } node) yield return node;
            }
        }
    }

    private static Problem ReadProblem(HttpResponseMessage response, byte[] bytes)
    {
        var status = (int)response.StatusCode;
        if (response.Content.Headers.ContentType?.MediaType == Problem.ContentType)
        {
            try
            {
                if (JsonSerializer.Deserialize(bytes, ProblemsJson.Default.Problem) is { } problem) return problem;
            }
            catch (JsonException e)
            {
                return new Problem("about:blank", "unreadable problem", status, e.Message);
            }
        }
        var text = Encoding.UTF8.GetString(bytes.AsSpan(0, Math.Min(bytes.Length, 300)));
        return new Problem("about:blank", response.ReasonPhrase ?? "error", status, $"HTTP {status}: {text}");
    }

    private T Parse<T>(byte[] bytes, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, type) ?? throw NotCapstan(null);
        }
        catch (JsonException e)
        {
            throw NotCapstan(e);
        }
    }

    private ServerUnreachableException Unreachable(Exception e) =>
        new($"{_address.Url}: no answer: {e.Message}. Start a server with `capstan up`, or name it with --server or CAPSTAN_SERVER", e);

    private ServerUnreachableException NotCapstan(Exception? e) =>
        new($"{_address.Url}: what answers there does not speak Capstan's API. Name the server with --server or CAPSTAN_SERVER", e);
}
