using System.Net;
using Capstan.Oci.Errors;
using Capstan.OciClient.Auth;

namespace Capstan.OciClient.Transport;

/// <summary>One request, as often as it takes: with what the registry asks for, again when it is busy or breaks off, along its redirects.</summary>
internal sealed class RegistryTransport(HttpMessageInvoker http, RegistryLimits limits, TimeProvider time)
{
    private const int MostRedirects = 5;
    private const int LargestError = 64 * 1024;
    private readonly TokenSource _tokens = new(http, time);

    /// <summary>Sends a request whose answer is one of those expected.</summary>
    /// <param name="registry">The registry.</param>
    /// <param name="scope">What is done, in the words of the token flow.</param>
    /// <param name="make">Makes the request; called again for each try.</param>
    /// <param name="expected">The statuses that are no failure.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="once">Whether it is not tried again.</param>
    /// <exception cref="RegistryClientException">The registry refuses, or cannot be used.</exception>
    public async Task<HttpResponseMessage> SendAsync(RegistryAddress registry, string scope, Func<HttpRequestMessage> make, HttpStatusCode[] expected, CancellationToken cancellation, bool once = false)
    {
        var pause = limits.FirstPause;
        for (var attempt = 1; ; attempt++)
        {
            RegistryClientException failure;
            var wait = TimeSpan.Zero;
            try
            {
                var answer = await SendOnceAsync(registry, scope, make, cancellation).ConfigureAwait(false);
                if (expected.Contains(answer.StatusCode)) return answer;
                using (answer)
                {
                    failure = await ExplainAsync(registry, answer, cancellation).ConfigureAwait(false);
                    wait = answer.Headers.RetryAfter?.Delta ?? TimeSpan.Zero;
                }
            }
            catch (Exception e) when (e is HttpRequestException or (IOException and not RegistryClientException))
            {
                failure = new RegistryClientException(RegistryProblem.Unreachable, $"{registry.Registry}: cannot be reached: {e.Message}", e);
            }
            catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
            {
                failure = new RegistryClientException(RegistryProblem.TimedOut, $"{registry.Registry}: did not answer within {limits.AnswerTime.TotalSeconds:0} s", e);
            }

            if (!failure.IsTransient || once || attempt >= limits.Attempts) throw failure;
            var chance = pause * (0.5 + Random.Shared.NextDouble());
            await Task.Delay(Min(wait > chance ? wait : chance, limits.LongestPause), time, cancellation).ConfigureAwait(false);
            pause *= 2;
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(RegistryAddress registry, string scope, Func<HttpRequestMessage> make, CancellationToken cancellation)
    {
        var answer = await FollowAsync(registry, scope, make, cancellation).ConfigureAwait(false);
        if (answer.StatusCode != HttpStatusCode.Unauthorized) return answer;
        using (answer)
        {
            _tokens.Forget(registry.Registry, scope);
            var challenges = answer.Headers.WwwAuthenticate.Select(h => h.ToString()).ToList();
            if (await _tokens.AnswerAsync(registry, scope, challenges, cancellation).ConfigureAwait(false) is null) throw await ExplainAsync(registry, answer, cancellation).ConfigureAwait(false);
        }

        return await FollowAsync(registry, scope, make, cancellation).ConfigureAwait(false);
    }

    // Redirects of GET and HEAD lead to where blobs are stored. The credential stays behind: it is for the registry alone.
    private async Task<HttpResponseMessage> FollowAsync(RegistryAddress registry, string scope, Func<HttpRequestMessage> make, CancellationToken cancellation)
    {
        Uri? redirected = null;
        for (var hops = 0; ; hops++)
        {
            using var request = make();
            if (redirected is not null) request.RequestUri = redirected;
            if (IsOwn(registry, request.RequestUri!)) request.Headers.Authorization = _tokens.Known(registry.Registry, scope);
            var answer = await AwaitHeadAsync(request, cancellation).ConfigureAwait(false);
            if ((int)answer.StatusCode is not (301 or 302 or 303 or 307 or 308) || answer.Headers.Location is not { } location || (request.Method != HttpMethod.Get && request.Method != HttpMethod.Head)) return answer;
            answer.Dispose();
            redirected = new Uri(request.RequestUri!, location);
            if (hops >= MostRedirects || redirected.Scheme is not ("http" or "https") || (redirected.Scheme == "http" && !registry.Entry.PlainHttp))
            {
                throw new RegistryClientException(RegistryProblem.Refused, $"{registry.Registry}: redirects to {redirected.Host}, which is not followed ({(hops >= MostRedirects ? "too many redirects" : "not https")})");
            }
        }
    }

    private async Task<HttpResponseMessage> AwaitHeadAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        // A large push takes as long as it takes; what has a limit is silence, and that is the handler's.
        if (request.Content?.Headers.ContentLength > 1 << 20) return await http.SendAsync(request, cancellation).ConfigureAwait(false);
        using var limit = new CancellationTokenSource(limits.AnswerTime, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        return await http.SendAsync(request, both.Token).ConfigureAwait(false);
    }

    private static bool IsOwn(RegistryAddress registry, Uri address) => address.Scheme == registry.BaseUrl.Scheme && address.Authority == registry.BaseUrl.Authority;

    private static async Task<RegistryClientException> ExplainAsync(RegistryAddress registry, HttpResponseMessage answer, CancellationToken cancellation)
    {
        var errors = await ReadErrorsAsync(answer, cancellation).ConfigureAwait(false);
        var said = errors.Count == 0 ? "" : ": " + string.Join("; ", errors.Select(e => e.Message.Length > 0 ? $"{e.Code}: {e.Message}" : e.Code));
        var status = (int)answer.StatusCode;
        var problem = status switch
        {
            401 => RegistryProblem.AuthenticationFailed,
            403 => RegistryProblem.Denied,
            404 => RegistryProblem.NotFound,
            429 or >= 500 and not 507 => RegistryProblem.Unreachable,
            _ => RegistryProblem.Rejected,
        };
        var hint = status == 401 && registry.Entry.Credential is null ? "; no credential is known for this registry" : "";
        return new RegistryClientException(problem, $"{registry.Registry}: answers {status} to {answer.RequestMessage?.Method} {answer.RequestMessage?.RequestUri?.AbsolutePath}{said}{hint}");
    }

    private static async Task<IReadOnlyList<RegistryError>> ReadErrorsAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        try
        {
            return RegistryErrors.Read(await BoundedBody.ReadAsync(answer.Content, LargestError, "", cancellation).ConfigureAwait(false));
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            // The status tells enough.
            return [];
        }
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
