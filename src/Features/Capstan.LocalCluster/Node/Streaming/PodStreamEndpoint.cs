using System.Globalization;
using Capstan.Containers.Containers;
using Capstan.Containers.Streams;
using Capstan.LocalCluster.ApiServer;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.Node.Network;
using Capstan.LocalCluster.Node.Pods;
using Capstan.LocalCluster.Node.Running;
using Capstan.LocalCluster.Node.Streaming.Spdy;
using Capstan.Resources;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Fields = Capstan.LocalCluster.Controllers.ObjectFields;

namespace Capstan.LocalCluster.Node.Streaming;

/// <summary>The subresources of pods that speak with containers: log, exec, attach, portforward.</summary>
internal sealed class PodStreamEndpoint(PodStreams streams)
{
    private static readonly string[] Served = ["log", "exec", "attach", "portforward"];

    public static bool Serves(string subresource) => Served.Contains(subresource, StringComparer.Ordinal);

    public Task HandleAsync(HttpContext context, KubernetesObject pod, string subresource, CancellationToken cancellation) => subresource switch
    {
        "log" => LogAsync(context, pod, cancellation),
        "portforward" => ForwardAsync(context, pod, cancellation),
        _ => CommandAsync(context, pod, isExec: subresource == "exec", cancellation),
    };

    private async Task LogAsync(HttpContext context, KubernetesObject pod, CancellationToken cancellation)
    {
        var query = context.Request.Query;
        var entry = PodStreams.Entry(pod, query["container"].ToString());
        var container = await streams.LoggedAsync(pod, entry, Flag(context, "previous"), cancellation).ConfigureAwait(false);
        var wanted = new LogQuery
        {
            Follow = Flag(context, "follow") && container.Phase == ContainerPhase.Running,
            Tail = Number(context, "tailLines"),
            Timestamps = Flag(context, "timestamps"),
            Since = Number(context, "sinceSeconds") is { } seconds ? streams.Time.GetUtcNow().AddSeconds(-seconds) : Fields.ReadTimestamp(query["sinceTime"].ToString()),
        };
        context.Response.ContentType = "text/plain";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();

        // The engine answers with the first line; who follows must know before that all is well.
        await context.Response.StartAsync(cancellation).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(cancellation).ConfigureAwait(false);
        using var stream = await streams.Engine.Containers.LogsAsync(container.Id, wanted, cancellation).ConfigureAwait(false);
        var left = Number(context, "limitBytes") ?? long.MaxValue;
        while (left > 0 && await stream.ReadAsync(cancellation).ConfigureAwait(false) is { } piece)
        {
            var bytes = piece.Bytes[..(int)Math.Min(left, piece.Bytes.Length)];
            await context.Response.Body.WriteAsync(bytes, cancellation).ConfigureAwait(false);
            await context.Response.Body.FlushAsync(cancellation).ConfigureAwait(false);
            left -= bytes.Length;
        }
    }

    private async Task CommandAsync(HttpContext context, KubernetesObject pod, bool isExec, CancellationToken cancellation)
    {
        var entry = PodStreams.Entry(pod, context.Request.Query["container"].ToString());
        var container = await streams.RunningAsync(pod, entry, cancellation).ConfigureAwait(false);
        var command = context.Request.Query["command"].Select(c => c ?? "").ToList();
        if (isExec && command.Count == 0)
        {
            throw ApiErrors.BadRequest("you must specify at least 1 command for the container");
        }

        var wish = new RemoteWish(Flag(context, "stdin"), Flag(context, "stdout"), Flag(context, "stderr"), Flag(context, "tty"));
        if (context.WebSockets.IsWebSocketRequest)
        {
            var protocol = WebSocketChannels.Protocols.FirstOrDefault(context.WebSockets.WebSocketRequestedProtocols.Contains)
                ?? throw ApiErrors.BadRequest($"unable to upgrade: unable to negotiate protocol: client supports {string.Join(", ", context.WebSockets.WebSocketRequestedProtocols)}, server supports {string.Join(", ", WebSocketChannels.Protocols)}");
            using var socket = await context.WebSockets.AcceptWebSocketAsync(protocol).ConfigureAwait(false);
            using var channels = new WebSocketChannels(socket);
            await SpeakAsync(channels, container, entry, command, wish, isExec, cancellation).ConfigureAwait(false);
            return;
        }

        RequireSpdy(context);
        await using var connection = new SpdyConnection(await StreamUpgrade.SpdyAsync(context, SpdyChannels.Protocols).ConfigureAwait(false));
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var reading = connection.RunAsync(leaving.Token);
        var carrying = Task.CompletedTask;
        try
        {
            var channels = await SpdyChannels.OpenAsync(connection, wish, leaving.Token).ConfigureAwait(false);
            carrying = channels.RunAsync(reading, leaving.Token);
            await SpeakAsync(channels, container, entry, command, wish, isExec, cancellation).ConfigureAwait(false);
        }
        catch (Exception end) when (end is IOException or InvalidDataException)
        {
            // The caller went, or speaks something else: there is nobody to tell.
            streams.Log.StreamEnded(pod.Namespace, pod.Name, end.Message);
        }
        finally
        {
            await leaving.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(reading, carrying).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ForwardAsync(HttpContext context, KubernetesObject pod, CancellationToken cancellation)
    {
        var processId = await streams.NetworkAsync(pod, cancellation).ConfigureAwait(false);
        RequireSpdy(context);
        await using var connection = new SpdyConnection(await StreamUpgrade.SpdyAsync(context, [PortForward.Protocol]).ConfigureAwait(false));
        var forward = new PortForward(connection, $"{pod.Name}, uid {pod.Uid}",
            (port, token) => PodDial.ConnectAsync(streams.Engine.Info, processId, pod.Status.Text("podIP"), port, token));
        try
        {
            await forward.RunAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception end) when (end is IOException or InvalidDataException)
        {
            // The caller went, or speaks something else: there is nobody to tell.
            streams.Log.StreamEnded(pod.Namespace, pod.Name, end.Message);
        }
    }

    private static void RequireSpdy(HttpContext context)
    {
        if (!StreamUpgrade.AsksForSpdy(context))
        {
            throw ApiErrors.BadRequest("unable to upgrade: the request asks for no protocol that is spoken here; use a WebSocket or SPDY/3.1");
        }
    }

    private async Task SpeakAsync(
        IRemoteChannels channels, ContainerStatus container, ContainerEntry entry, List<string> command, RemoteWish wish, bool isExec, CancellationToken cancellation)
    {
        if (isExec)
        {
            var spec = new ExecSpec(command) { Input = wish.Input, Output = wish.Output, Error = wish.Error, Terminal = wish.Terminal };
            using var session = await streams.ExecAsync(container, spec, cancellation).ConfigureAwait(false);
            await RemoteCommand.ExecAsync(channels, session, wish, command, cancellation).ConfigureAwait(false);
            return;
        }

        using var stream = await streams.Engine.Containers.AttachAsync(container.Id, wish.Input && entry.Body.IsTrue("stdin"), cancellation).ConfigureAwait(false);
        await RemoteCommand.AttachAsync(channels, stream, wish, (columns, rows, token) => streams.Engine.Containers.ResizeAsync(container.Id, columns, rows, token), cancellation).ConfigureAwait(false);
    }

    // Clients write true and 1.
    private static bool Flag(HttpContext context, string name) => context.Request.Query[name].ToString() is "true" or "1";

    private static long? Number(HttpContext context, string name) => context.Request.Query[name].ToString() is { Length: > 0 } text
        ? long.TryParse(text, CultureInfo.InvariantCulture, out var number) && number >= 0 ? number : throw ApiErrors.BadRequest($"{name} must be a number that is not negative, and is {text}")
        : null;
}
