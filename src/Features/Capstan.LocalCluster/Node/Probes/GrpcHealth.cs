using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Node.Probes;

/// <summary>
/// Asks gRPC's health service (https://github.com/grpc/grpc/blob/master/doc/health-checking.md) over HTTP/2 without TLS, as kubelet does. One message of one field each way
/// needs no library.
/// </summary>
internal static class GrpcHealth
{
    private const int PrefixLength = 5;
    private const byte ServiceTag = 0x0a;
    private const byte StatusTag = 0x08;

    private static readonly string[] Statuses = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];

    /// <summary>Whether a service says that it serves.</summary>
    /// <param name="http">Sends the request.</param>
    /// <param name="podIp">The pod.</param>
    /// <param name="probe">The port, and the service that is asked about.</param>
    /// <param name="limit">What the caller grants, for words.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<ProbeResult> CheckAsync(HttpClient http, string podIp, YamlMap probe, TimeSpan limit, CancellationToken cancellation)
    {
        var address = $"{podIp}:{Math.Clamp(probe.Number("port") ?? 0, 0, 65_535)}";
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{address}/grpc.health.v1.Health/Check")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(Asked(probe.Text("service"))),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TryAddWithoutValidation("TE", "trailers");
        request.Headers.TryAddWithoutValidation("User-Agent", "kube-probe/1.35");
        try
        {
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellation).ConfigureAwait(false);
            var body = await answer.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
            return Judge(Header(answer, "grpc-status"), Header(answer, "grpc-message"), body);
        }
        catch (HttpRequestException failure)
        {
            return ProbeResult.Failure($"timeout: failed to connect service \"{address}\" within {limit.TotalSeconds:0}s: {failure.InnerException?.Message ?? failure.Message}");
        }
    }

    /// <summary>The request: the name of a service; without one the server as a whole is meant.</summary>
    internal static byte[] Asked(string service)
    {
        var name = Encoding.UTF8.GetBytes(service);
        byte[] message = name.Length == 0 ? [] : [ServiceTag, (byte)Math.Min(name.Length, 127), .. name.AsSpan(0, Math.Min(name.Length, 127))];
        var framed = new byte[PrefixLength + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), message.Length);
        message.CopyTo(framed, PrefixLength);
        return framed;
    }

    /// <summary>What an answer means.</summary>
    internal static ProbeResult Judge(string code, string message, ReadOnlySpan<byte> body)
    {
        if (code == "12")
        {
            return ProbeResult.Failure($"error: this server does not implement the grpc health protocol (grpc.health.v1.Health): {message}");
        }

        if (code is not ("0" or ""))
        {
            return ProbeResult.Failure($"error: health rpc failed: code {code}: {message}");
        }

        // The status is the message's one field; none is the first of its values.
        var status = body.Length >= PrefixLength + 2 && body[PrefixLength] == StatusTag ? body[PrefixLength + 1] : 0;
        return status == 1 ? ProbeResult.Success
            : ProbeResult.Failure($"service unhealthy (responded with \"{(status < Statuses.Length ? Statuses[status] : "UNKNOWN")}\")");
    }

    private static string Header(HttpResponseMessage answer, string name) =>
        answer.TrailingHeaders.TryGetValues(name, out var values) || answer.Headers.TryGetValues(name, out values) ? string.Join(' ', values) : "";
}
