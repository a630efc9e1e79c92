using System.Net.WebSockets;
using Capstan.Access.Rights;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Capstan.Server.Problems;
using Capstan.Yaml;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Applications;

/// <summary>Terminals in containers of an application, for those who have the right <c>exec</c>, where the operator's settings allow any at all.</summary>
internal static class Terminals
{
    public const string Protocol = "capstan.terminal";
    private const string GuardPrefix = "guard.";
    private const int MostOpen = 50;
    private const int LargestMessage = 64 * 1024;
    private const int LargestScreen = 1000;
    private static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan BetweenChecks = TimeSpan.FromSeconds(15);
    private static readonly GroupKind Pods = new("", "Pod");
    private static readonly string[] Shell = ["/bin/sh", "-c", "TERM=xterm-256color; export TERM; if [ -x /bin/bash ]; then exec /bin/bash; else exec /bin/sh; fi"];
    private static int open;

    /// <summary>The pod that a query names, which must be the application's, and its containers.</summary>
    /// <exception cref="RequestProblem">Terminals are not allowed, or there is no such pod.</exception>
    public static async Task<(KubernetesObject Pod, IReadOnlyList<string> Containers)> FindAsync(HttpContext http, ServerParts parts, KubernetesObject application)
    {
        if (!parts.OperatorSettings().Terminals)
        {
            throw new RequestProblem(403, "terminals-off", "Terminals are off", "terminals into containers are not allowed on this server", "The operator allows them with spec.terminals: true in the Settings of the platform repository");
        }

        var pod = await LiveObjects.FindAsync(http, parts, application).ConfigureAwait(false);
        if (pod.GroupKind != Pods) throw RequestProblem.Refused($"{pod.Key}: is no pod");
        return (pod, [.. (pod.Spec["containers"]?.AsList() ?? YamlList.Empty).Select(c => c.AsMap()?["name"]?.AsString()).OfType<string>()]);
    }

    /// <summary>Serves one terminal until the command ends, the page goes, nobody types for half an hour, or the right is taken away.</summary>
    public static async Task ServeAsync(HttpContext http, ServerParts parts, KubernetesObject application)
    {
        if (!http.WebSockets.IsWebSocketRequest) throw RequestProblem.Malformed("a terminal is a WebSocket");
        // A browser brings its session along wherever a page opens a WebSocket; the word of our own pages no other page has.
        var session = GuardMiddleware.SessionOf(http);
        var word = http.WebSockets.WebSocketRequestedProtocols.FirstOrDefault(p => p.StartsWith(GuardPrefix, StringComparison.Ordinal));
        if (session is not null && !PageGuard.Holds(word?[GuardPrefix.Length..], session)) throw new RequestProblem(403, "no-guard", "The request did not come from a page of Capstan", "it lacks the word that each page carries", "Load the page anew and try again");
        var (pod, containers) = await FindAsync(http, parts, application).ConfigureAwait(false);
        var container = http.Request.Query["container"].FirstOrDefault() is { Length: > 0 } named ? named : containers[0];
        if (!containers.Contains(container)) throw RequestProblem.NotFound($"container {container} of {pod.Key}", $"It has {string.Join(", ", containers)}");
        if (Interlocked.Increment(ref open) > MostOpen)
        {
            Interlocked.Decrement(ref open);
            throw new RequestProblem(429, "too-many", "Too many calls", $"{MostOpen} terminals are open already", "Close some, or try again later");
        }

        try
        {
            await using var terminal = await parts.Cluster.OpenTerminalAsync(pod.Namespace, pod.Name, container, Shell, http.RequestAborted).ConfigureAwait(false);
            parts.Activity.Add(GuardMiddleware.PrincipalOf(http), GuardMiddleware.AddressOf(http), new StatedRight(Verb.Exec, ResourceKind.Applications), $"{application.Name}: {pod.Namespace}/{pod.Name} {container}", 101);
            using var socket = await http.WebSockets.AcceptWebSocketAsync(Protocol).ConfigureAwait(false);
            await CarryAsync(http, parts, FullNames.Of(application), socket, terminal).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref open);
        }
    }

    private static async Task CarryAsync(HttpContext http, ServerParts parts, string name, WebSocket socket, PodTerminal terminal)
    {
        // A WebSocket whose read is given up can write no more, and why a terminal ends is still to be said: typing ends last.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, parts.Stopping);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        var typed = parts.Time.GetTimestamp();
        var said = "";
        var (typing, showing, watching) = (TypeAsync(), ShowAsync(), WatchAsync());
        await Task.WhenAny(typing, showing, watching).ConfigureAwait(false);
        await ending.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(showing, watching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        leaving.CancelAfter(Farewell);
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived) await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, said.Length > 120 ? said[..120] : said, leaving.Token).ConfigureAwait(false);
            await typing.ConfigureAwait(false);
        }
        catch (Exception e) when (e is WebSocketException or ClusterUnreachableException or OperationCanceledException)
        {
            // The page went first, or does not answer.
            socket.Abort();
        }

        async Task TypeAsync()
        {
            var buffer = new byte[LargestMessage];
            var length = 0;
            while (length < buffer.Length)
            {
                var received = await socket.ReceiveAsync(buffer.AsMemory(length), leaving.Token).ConfigureAwait(false);
                if (received.MessageType == WebSocketMessageType.Close) return;
                length += received.Count;
                if (!received.EndOfMessage) continue;
                typed = parts.Time.GetTimestamp();
                var message = buffer.AsMemory(0, length);
                length = 0;
                if (ending.IsCancellationRequested) continue;
                if (received.MessageType == WebSocketMessageType.Binary) await terminal.WriteAsync(message, leaving.Token).ConfigureAwait(false);
                else if (Screen(message.Span) is { } screen) await terminal.ResizeAsync(screen.Columns, screen.Rows, leaving.Token).ConfigureAwait(false);
            }
        }

        async Task ShowAsync()
        {
            while (true)
            {
                var shown = await terminal.ReadAsync(ending.Token).ConfigureAwait(false);
                if (shown.Ended is { } end)
                {
                    said = end;
                    return;
                }

                await socket.SendAsync(shown.Bytes, WebSocketMessageType.Binary, endOfMessage: true, ending.Token).ConfigureAwait(false);
            }
        }

        async Task WatchAsync()
        {
            var principal = GuardMiddleware.PrincipalOf(http);
            while (true)
            {
                await Task.Delay(BetweenChecks, parts.Time, ending.Token).ConfigureAwait(false);
                if (parts.Opinions is { } cluster) await cluster.AskAsync(principal, Verb.Exec, name[..name.IndexOf('/', StringComparison.Ordinal)], ending.Token).ConfigureAwait(false);
                said = !parts.OperatorSettings().Terminals || !parts.Rules.May(principal, Verb.Exec, ResourceKind.Applications, name) || !IsStillIn(http, parts) ? "you may not use this terminal any more"
                    : parts.Time.GetElapsedTime(typed) > LongestSilence ? "nobody typed for half an hour" : "";
                if (said.Length > 0) return;
            }
        }
    }

    private static bool IsStillIn(HttpContext http, ServerParts parts)
    {
        if (GuardMiddleware.SessionOf(http) is not null) return SessionCookie.Read(http) is { } secret && parts.Sessions.Find(secret) is not null;
        var principal = GuardMiddleware.PrincipalOf(http);
        return principal.TokenId is null || parts.Tokens.All.Any(t => t.Id == principal.TokenId && t.ExpiresAt > parts.Time.GetUtcNow());
    }

    private static (int Columns, int Rows)? Screen(ReadOnlySpan<byte> message)
    {
        try
        {
            var told = JsonText.Read(message.ToArray()).AsMap();
            return told?["cols"] is YamlScalar columns && columns.TryGetInteger(out var width) && told["rows"] is YamlScalar rows && rows.TryGetInteger(out var height)
                ? ((int)Math.Clamp(width, 1, LargestScreen), (int)Math.Clamp(height, 1, LargestScreen))
                : null;
        }
        catch (YamlException)
        {
            return null;
        }
    }
}
