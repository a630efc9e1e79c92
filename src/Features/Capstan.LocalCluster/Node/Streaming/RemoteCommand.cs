using System.Globalization;
using System.Net.WebSockets;
using Capstan.Containers;
using Capstan.Containers.Streams;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Node.Streaming;

/// <summary>What a caller wants to have of a remote command.</summary>
internal sealed record RemoteWish(bool Input, bool Output, bool Error, bool Terminal);

/// <summary>Carries what a program in a container says to its caller and back, and tells at the end how it ended.</summary>
internal static class RemoteCommand
{
    private static readonly TimeSpan GoodbyeLimit = TimeSpan.FromSeconds(5);

    /// <summary>A program that was started for the caller.</summary>
    /// <param name="channels">The caller.</param>
    /// <param name="session">The program.</param>
    /// <param name="wish">What the caller wants to have.</param>
    /// <param name="command">The program and its arguments, for the message.</param>
    /// <param name="cancellation">Ends the conversation.</param>
    public static Task ExecAsync(IRemoteChannels channels, ExecSession session, RemoteWish wish, IReadOnlyList<string> command, CancellationToken cancellation) =>
        RunAsync(channels, session.Stream, wish, session.ResizeAsync, async token => Ended(await session.ExitCodeAsync(token).ConfigureAwait(false), command), cancellation);

    /// <summary>A container's own program.</summary>
    public static Task AttachAsync(IRemoteChannels channels, ContainerStream stream, RemoteWish wish, Func<int, int, CancellationToken, Task> resize, CancellationToken cancellation) =>
        RunAsync(channels, stream, wish, resize, _ => Task.FromResult(Success), cancellation);

    private static async Task RunAsync(
        IRemoteChannels channels, ContainerStream stream, RemoteWish wish, Func<int, int, CancellationToken, Task> resize, Func<CancellationToken, Task<YamlMap>> end, CancellationToken cancellation)
    {
        // A WebSocket whose read is given up can write no more, and the last word is still to be said.
        using var leaving = new CancellationTokenSource();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(leaving.Token, cancellation);
        var input = ReadAsync(channels, stream, resize, leaving);
        YamlMap status;
        try
        {
            await stream.ReadAllAsync((piece, token) => piece.Kind switch
            {
                OutputKind.Output when wish.Output => channels.WriteAsync(RemoteChannel.Output, piece.Bytes, token),
                OutputKind.Error when wish.Error => channels.WriteAsync(RemoteChannel.Error, piece.Bytes, token),
                _ => ValueTask.CompletedTask,
            }, ending.Token).ConfigureAwait(false);
            status = await end(ending.Token).ConfigureAwait(false);
        }
        catch (ContainerEngineException failure)
        {
            status = Failure("InternalError", failure.Message);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await SayEndedAsync(channels).ConfigureAwait(false);
            await Task.WhenAny(input, Task.Delay(GoodbyeLimit, CancellationToken.None)).ConfigureAwait(false);
            await leaving.CancelAsync().ConfigureAwait(false);
            await input.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        await channels.WriteAsync(RemoteChannel.Status, JsonText.WriteBytes(status), ending.Token).ConfigureAwait(false);
        await channels.CloseAsync(ending.Token).ConfigureAwait(false);

        // The caller closes its side when it has read everything; a connection that is cut before would lose the end.
        await Task.WhenAny(input, Task.Delay(GoodbyeLimit, cancellation)).ConfigureAwait(false);
        await leaving.CancelAsync().ConfigureAwait(false);
        await input.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // A caller that is still there must not take the silence for success.
    private static async Task SayEndedAsync(IRemoteChannels channels)
    {
        using var limit = new CancellationTokenSource(GoodbyeLimit);
        try
        {
            await channels.WriteAsync(RemoteChannel.Status, JsonText.WriteBytes(Failure("Forbidden", "the session was ended: its caller may not have it any more, or the pod is gone")), limit.Token).ConfigureAwait(false);
            await channels.CloseAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or WebSocketException or OperationCanceledException or InvalidOperationException)
        {
            // It went before: there is nobody to tell.
            return;
        }
    }

    // When the caller goes, everything ends.
    private static async Task ReadAsync(IRemoteChannels channels, ContainerStream stream, Func<int, int, CancellationToken, Task> resize, CancellationTokenSource leaving)
    {
        try
        {
            while (await channels.ReadAsync(leaving.Token).ConfigureAwait(false) is { } read)
            {
                await TakeAsync(read, stream, resize, leaving.Token).ConfigureAwait(false);
            }
        }
        catch (ContainerEngineException)
        {
            // The program no longer reads; its output tells how it goes on.
            return;
        }

        await leaving.CancelAsync().ConfigureAwait(false);
    }

    private static async Task TakeAsync(RemoteInput read, ContainerStream stream, Func<int, int, CancellationToken, Task> resize, CancellationToken cancellation)
    {
        if (read.Channel == RemoteChannel.Input && read.Ended)
        {
            stream.CloseInput();
        }
        else if (read.Channel == RemoteChannel.Input && read.Bytes.Length > 0)
        {
            await stream.WriteAsync(read.Bytes, cancellation).ConfigureAwait(false);
        }
        else if (read.Channel == RemoteChannel.Resize && Size(read.Bytes) is { } size)
        {
            await resize((int)Math.Clamp(size.Number("Width") ?? 0, 1, 10_000), (int)Math.Clamp(size.Number("Height") ?? 0, 1, 10_000), cancellation).ConfigureAwait(false);
        }
    }

    private static YamlMap? Size(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return JsonText.Read(bytes.ToArray()) as YamlMap;
        }
        catch (YamlException)
        {
            // No size: nothing to do.
            return null;
        }
    }

    private static YamlMap Success => YamlMap.Of(("metadata", YamlMap.Empty), ("status", "Success"));

    private static YamlMap Failure(string reason, string message) =>
        YamlMap.Of(("metadata", YamlMap.Empty), ("status", "Failure"), ("message", message), ("reason", reason), ("code", 500L));

    private static YamlMap Ended(int code, IReadOnlyList<string> command)
    {
        if (code == 0)
        {
            return Success;
        }

        var text = code.ToString(CultureInfo.InvariantCulture);
        return YamlMap.Of(
            ("metadata", YamlMap.Empty),
            ("status", "Failure"),
            ("message", $"command terminated with non-zero exit code: error executing command [{string.Join(' ', command)}], exit code {text}"),
            ("reason", "NonZeroExitCode"),
            ("details", YamlMap.Of(("causes", YamlList.Create([YamlMap.Of(("reason", "ExitCode"), ("message", text))])))));
    }
}
