using System.Net.Http.Headers;
using System.Text;
using Capstan.Sources;
using Capstan.Sources.Ssrf;

namespace Capstan.Server.Notifications.Sending;

/// <summary>HTTP for messages: into no private network unless the service says <c>allowPrivate: true</c>, no redirects, bounded in time and size.</summary>
internal sealed class HttpPost : IDisposable
{
    private const int LargestAnswer = 64 * 1024;
    private const int LongestError = 300;
    private readonly HttpClient _guarded = Make(AddressGuard.Strict.CreateHandler());
    private readonly HttpClient _open = Make(new SocketsHttpHandler { UseCookies = false, UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(10) });

    /// <summary>Sends JSON.</summary>
    /// <param name="service">The service, for its settings and in messages.</param>
    /// <param name="method">The method.</param>
    /// <param name="url">The address.</param>
    /// <param name="body">The body.</param>
    /// <param name="change">What else the request needs.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The answer's body.</returns>
    /// <exception cref="NotDeliveredException">It was not taken.</exception>
    public async Task<string> SendAsync(NotificationService service, string method, string url, string? body, Action<HttpRequestMessage>? change, CancellationToken cancellation)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || (address.Scheme != Uri.UriSchemeHttps && address.Scheme != Uri.UriSchemeHttp))
        {
            throw new NotDeliveredException($"{service}: its address is no http or https address", isFinal: true);
        }
        using var request = new HttpRequestMessage(new HttpMethod(method), address);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("capstan", null));
        change?.Invoke(request);
        try
        {
            using var answer = await (service.Text("allowPrivate") == "true" ? _open : _guarded).SendAsync(request, cancellation).ConfigureAwait(false);
            var text = await answer.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false);
            if (answer.IsSuccessStatusCode) return text;
            var status = (int)answer.StatusCode;
            // What the server says of a wish that it refuses stays so; a limit or a failure of its own passes.
            throw new NotDeliveredException($"{service}: {address.Host} answered {status}: {(text.Length > LongestError ? text[..LongestError] : text).ReplaceLineEndings(" ")}", isFinal: status is >= 300 and < 500 and not (408 or 425 or 429));
        }
        catch (Exception e) when (e is HttpRequestException { InnerException: SourceException { Problem: SourceProblem.Refused } } or SourceException { Problem: SourceProblem.Refused })
        {
            throw new NotDeliveredException($"{service}: {address.Host} leads into a private network; write allowPrivate: true into service.{service.Kind} where that is meant", isFinal: true, e);
        }
        catch (Exception e) when (e is HttpRequestException or SourceException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new NotDeliveredException($"{service}: {address.Host} cannot be reached: {e.Message}", inner: e);
        }
    }

    public void Dispose()
    {
        _guarded.Dispose();
        _open.Dispose();
    }

    private static HttpClient Make(SocketsHttpHandler handler)
    {
        handler.AllowAutoRedirect = false;
        return new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(20), MaxResponseContentBufferSize = LargestAnswer };
    }
}
