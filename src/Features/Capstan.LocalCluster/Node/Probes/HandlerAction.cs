using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Capstan.Containers;
using Capstan.Containers.Containers;
using Capstan.Containers.Streams;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Node.Probes;

/// <summary>Carries out what probes and hooks ask for: a program, a request, a connection, a pause.</summary>
internal sealed class HandlerAction(EngineContainers containers, TimeProvider time) : IDisposable
{
    private const int KeptOutput = 10 * 1024;

    // A probe follows no redirect to elsewhere and shares no connection with the one before.
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.Zero,
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = Takes },
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = KeptOutput,
    };

    /// <summary>Carries out an action.</summary>
    /// <param name="container">The container's specification, for the names of its ports.</param>
    /// <param name="containerId">The container.</param>
    /// <param name="podIp">The pod's address.</param>
    /// <param name="action">A probe or a lifecycle handler.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<ProbeResult> RunAsync(YamlMap container, string containerId, string podIp, YamlMap action, TimeSpan limit, CancellationToken cancellation)
    {
        using var timeLimit = new CancellationTokenSource(limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeLimit.Token);
        try
        {
            if (action["exec"] is YamlMap exec)
            {
                return await ExecAsync(containerId, exec, both.Token).ConfigureAwait(false);
            }

            if (action["httpGet"] is YamlMap get)
            {
                return await GetAsync(container, podIp, get, both.Token).ConfigureAwait(false);
            }

            if (action["tcpSocket"] is YamlMap socket)
            {
                return await ConnectAsync(container, podIp, socket, both.Token).ConfigureAwait(false);
            }

            if (action["grpc"] is YamlMap grpc)
            {
                return await GrpcHealth.CheckAsync(_http, podIp, grpc, limit, both.Token).ConfigureAwait(false);
            }

            if (action["sleep"] is YamlMap sleep)
            {
                await Task.Delay(TimeSpan.FromSeconds(Math.Clamp(sleep.Number("seconds") ?? 0, 0, 86_400)), time, both.Token).ConfigureAwait(false);
                return ProbeResult.Success;
            }

            return ProbeResult.Failure($"this node cannot do {string.Join(", ", action.Keys)}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return ProbeResult.Failure($"timed out after {limit.TotalSeconds:0}s");
        }
        catch (ContainerEngineException failure)
        {
            return ProbeResult.Failure(failure.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    // kubelet checks none either: the certificate of a container names what people call it, not the pod's address.
    private static bool Takes(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors problems) => certificate is not null;

    private async Task<ProbeResult> ExecAsync(string containerId, YamlMap exec, CancellationToken cancellation)
    {
        var command = (exec["command"] as YamlList ?? YamlList.Empty).Select(c => c.AsString() ?? "").ToList();
        var output = new MemoryStream();
        var code = await containers.RunAsync(containerId, new ExecSpec(command), (piece, _) =>
        {
            output.Write(piece.Bytes.Span[..Math.Min(piece.Bytes.Length, KeptOutput - (int)output.Length)]);
            return ValueTask.CompletedTask;
        }, cancellation).ConfigureAwait(false);
        return code == 0 ? ProbeResult.Success : ProbeResult.Failure(Encoding.UTF8.GetString(output.ToArray()) is { Length: > 0 } said ? said : $"command ended with exit code {code}");
    }

    private async Task<ProbeResult> GetAsync(YamlMap container, string podIp, YamlMap get, CancellationToken cancellation)
    {
        var host = get.Text("host") is { Length: > 0 } given ? given : podIp;
        var path = get.Text("path") is { Length: > 0 } asked ? asked : "/";
        var url = $"{get.Text("scheme").ToLowerInvariant() switch { "https" => "https", _ => "http" }}://{host}:{Port(container, get["port"])}{(path.StartsWith('/') ? path : "/" + path)}";
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.TryAddWithoutValidation("User-Agent", "kube-probe/1.35");
        request.Headers.TryAddWithoutValidation("Accept", "*/*");
        foreach (var header in get.Maps("httpHeaders"))
        {
            request.Headers.Remove(header.Text("name"));
            request.Headers.TryAddWithoutValidation(header.Text("name"), header.Text("value"));
        }

        try
        {
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            return (int)answer.StatusCode is >= 200 and < 400 ? ProbeResult.Success : ProbeResult.Failure($"HTTP probe failed with statuscode: {(int)answer.StatusCode}");
        }
        catch (HttpRequestException failure)
        {
            return ProbeResult.Failure($"Get \"{url}\": {failure.InnerException?.Message ?? failure.Message}");
        }
    }

    private static async Task<ProbeResult> ConnectAsync(YamlMap container, string podIp, YamlMap socket, CancellationToken cancellation)
    {
        var host = socket.Text("host") is { Length: > 0 } given ? given : podIp;
        var port = Port(container, socket["port"]);
        using var connection = new TcpClient();
        try
        {
            await connection.ConnectAsync(host, port, cancellation).ConfigureAwait(false);
            return ProbeResult.Success;
        }
        catch (SocketException failure)
        {
            return ProbeResult.Failure($"dial tcp {host}:{port}: {failure.Message}");
        }
    }

    // A number, or the name of one of the container's ports.
    private static int Port(YamlMap container, YamlNode? port)
    {
        if (port is YamlScalar scalar && scalar.TryGetInteger(out var number))
        {
            return (int)Math.Clamp(number, 0, 65_535);
        }

        var named = container.Maps("ports").FirstOrDefault(p => p.Text("name") == port?.AsString());
        return (int)(named?.Number("containerPort") ?? 0);
    }
}
