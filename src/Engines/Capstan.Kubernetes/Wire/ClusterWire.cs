using System.Buffers;
using Capstan.Yaml;
using Microsoft.Extensions.Logging;

namespace Capstan.Kubernetes;

/// <summary>
/// Sends requests to one cluster: credentials, time limits, retries, and errors as types. Failures of one cluster never slow another:
/// nothing here is shared.
/// </summary>
internal sealed class ClusterWire : IDisposable
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(65);

    private readonly ClusterConnection _connection;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly HttpMessageInvoker _http;
    private readonly ClusterBreaker _breaker;

    public ClusterWire(ClusterConnection connection, TimeProvider time, ILogger log)
    {
        _connection = connection;
        _time = time;
        _log = log;
        _http = new HttpMessageInvoker(connection.CreateHandler());
        _breaker = new ClusterBreaker(time);
    }

    /// <summary>Sends a request, again where that is right, and reads its whole answer.</summary>
    /// <param name="request">What to send.</param>
    /// <param name="read">Makes the result of the answer. A <see cref="YamlException"/> from it counts as a broken answer.</param>
    /// <param name="cancellation">Ends it at once.</param>
    /// <exception cref="KubernetesException">The server refused.</exception>
    /// <exception cref="ClusterUnreachableException">There was no usable answer.</exception>
    public Task<T> SendAsync<T>(WireRequest request, Func<WireResponse, T> read, CancellationToken cancellation) =>
        RetryAsync(request, token => OnceAsync(request, read, token), cancellation);

    /// <summary>Sends a request and gives its answer's stream, which the caller disposes; opening it is tried again, reading is not.</summary>
    public Task<WireStream> OpenAsync(WireRequest request, CancellationToken cancellation) =>
        RetryAsync(request, token => OpenOnceAsync(request, token), cancellation);

    public string ClusterName => _connection.ToString();

    public void Dispose() => _http.Dispose();

    private async Task<T> RetryAsync<T>(WireRequest request, Func<CancellationToken, Task<T>> once, CancellationToken cancellation)
    {
        var started = _time.GetTimestamp();
        var lost = false;
        for (var tries = 1; ; tries++)
        {
            Exception failure;
            try
            {
                _breaker.ThrowIfOpen(_connection);
                var result = await once(cancellation).ConfigureAwait(false);
                _breaker.Succeeded();
                return result;
            }
            catch (KubernetesException error)
            {
                _breaker.Succeeded();
                failure = lost ? error.AsAfterLostResponse() : error;
            }
            catch (ClusterUnreachableException error)
            {
                lost |= !error.NeverSent;
                failure = error;
            }

            var delay = RetryPolicy.Next(request, failure, tries, _time.GetElapsedTime(started), Random.Shared.NextDouble());
            if (delay is null)
            {
                if (failure is ClusterUnreachableException unreachable)
                {
                    _breaker.Failed(unreachable);
                }

                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
            }

            _log.Retrying(request.What, tries, failure.Message);
            await Task.Delay(delay.Value, _time, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<T> OnceAsync<T>(WireRequest request, Func<WireResponse, T> read, CancellationToken cancellation)
    {
        using var limit = new TimeLimit(_time, AnswerTimeout, cancellation);
        byte[]? rented = null;
        try
        {
            using var response = await SendMessageAsync(request, limit.Token).ConfigureAwait(false);
            (rented, var length) = await ReadAllAsync(response.Content, request.LargestAnswer, limit.Token).ConfigureAwait(false);
            var body = rented.AsMemory(0, length);
            if (!response.IsSuccessStatusCode)
            {
                throw WireErrors.From(request, response.StatusCode, body.Span, RetryAfter(response));
            }

            return read(new WireResponse(response.StatusCode, body, Warnings(response)));
        }
        catch (Exception error) when (WireFaults.AsUnreachable(_connection, error, limit, cancellation) is { } unreachable)
        {
            throw unreachable;
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    private async Task<WireStream> OpenOnceAsync(WireRequest request, CancellationToken cancellation)
    {
        using var limit = new TimeLimit(_time, AnswerTimeout, cancellation);
        HttpResponseMessage? response = null;
        try
        {
            response = await SendMessageAsync(request, limit.Token).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
            {
                var stream = await response.Content.ReadAsStreamAsync(limit.Token).ConfigureAwait(false);
                return new WireStream(_connection, response, stream, _time);
            }

            var (rented, length) = await ReadAllAsync(response.Content, 1024 * 1024, limit.Token).ConfigureAwait(false);
            var refused = WireErrors.From(request, response.StatusCode, rented.AsSpan(0, length), RetryAfter(response));
            ArrayPool<byte>.Shared.Return(rented);
            throw refused;
        }
        catch (Exception error)
        {
            response?.Dispose();
            if (WireFaults.AsUnreachable(_connection, error, limit, cancellation) is { } unreachable)
            {
                throw unreachable;
            }

            throw;
        }
    }

    private async Task<HttpResponseMessage> SendMessageAsync(WireRequest request, CancellationToken cancellation)
    {
        using var message = request.ToMessage(_connection.Server, await _connection.AuthorizationAsync(cancellation).ConfigureAwait(false));
        return await _http.SendAsync(message, cancellation).ConfigureAwait(false);
    }

    private static async Task<(byte[] Rented, int Length)> ReadAllAsync(HttpContent content, int limit, CancellationToken cancellation)
    {
        var announced = content.Headers.ContentLength;
        if (announced > limit)
        {
            throw new YamlException($"the answer has {announced:N0} bytes, more than the {limit:N0} allowed", Position.None);
        }

        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp((announced ?? 16 * 1024) + 1, 4 * 1024, limit + 1L));
        var length = 0;
        try
        {
            using var stream = await content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            while (true)
            {
                var read = await stream.ReadAsync(buffer.AsMemory(length), cancellation).ConfigureAwait(false);
                if (read == 0)
                {
                    return (buffer, length);
                }

                length += read;
                if (length > limit)
                {
                    throw new YamlException($"the answer has more than the {limit:N0} bytes allowed", Position.None);
                }

                if (length == buffer.Length)
                {
                    buffer = Grown(buffer, length);
                }
            }
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    private static byte[] Grown(byte[] buffer, int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(length * 2);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - _time.GetUtcNow() is { Ticks: > 0 } wait ? wait : TimeSpan.Zero,
        _ => null,
    };

    private static List<string> Warnings(HttpResponseMessage response)
    {
        var warnings = new List<string>();
        if (response.Headers.TryGetValues("Warning", out var values))
        {
            // RFC 7234, 5.5: code, agent, quoted text.
            warnings.AddRange(values.Take(100).Select(WarningText.Read).Where(text => text.Length > 0));
        }

        return warnings;
    }
}
