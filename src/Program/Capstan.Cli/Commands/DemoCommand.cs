using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Capstan.Cli.Connection;
using Capstan.Cli.Demo;
using Capstan.Cli.Hosting;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan demo</c></summary>
internal static class DemoCommand
{
    private const int PortsTried = 200;
    private const int StartsTried = 5;

    public static Command Create(CliContext context)
    {
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not stop between the chapters" };
        var exit = new Option<bool>("--exit") { Description = "End after the story instead of serving on" };
        var listen = new Option<string?>("--listen") { Description = "Where to listen (default the next free port from 127.0.0.1:7070)", HelpName = "HOST:PORT" };
        var clusterListen = new Option<string?>("--cluster-listen") { Description = "Where the cluster's API listens (default the next free port from 127.0.0.1:7443)", HelpName = "HOST:PORT" };
        var command = new Command("demo", """
            Everything from nothing: a server, a cluster, a sample application, a first change, a drift, a revert.

            Examples:
              capstan demo
              capstan demo --yes --exit
            """) { yes, exit, listen, clusterListen };
        command.SetAction(async (line, cancellation) =>
        {
            var named = line.GetValue(Connecting.Data);
            var data = named is null ? Directory.CreateTempSubdirectory("capstan-demo-").FullName : Path.GetFullPath(named);
            try
            {
                var (web, cluster) = (line.GetValue(listen), line.GetValue(clusterListen));
                var server = await StartAsync(context, data, web, cluster, cancellation).ConfigureAwait(false);
                await using (server.ConfigureAwait(false))
                {
                    return await RunAsync(context, server, data, ask: context.Interactive && !line.GetValue(yes), stay: !line.GetValue(exit), cancellation).ConfigureAwait(false);
                }
            }
            finally
            {
                if (named is null) Directory.Delete(data, recursive: true);
            }
        });
        return command;
    }

    /// <summary>A port that was free may be taken a moment later: ports that nobody asked for are chosen anew then.</summary>
    private static async Task<IRunningServer> StartAsync(CliContext context, string data, string? listen, string? clusterListen, CancellationToken cancellation)
    {
        for (var left = StartsTried; ; left--)
        {
            var settings = new UpSettings
            {
                // The sample's images are in no registry, so there is nothing that an engine could run.
                SimulatePods = true,
                Data = data,
                Listen = listen ?? FreeAddress(7070),
                ClusterListen = clusterListen ?? FreeAddress(7443),
                CreateOnPush = true,
                Quiet = true,
            };
            try
            {
                return await context.Host.StartAsync(settings, context.Say, cancellation).ConfigureAwait(false);
            }
            catch (CommandException e) when (left > 1 && (listen is null || clusterListen is null) && e.Message.Contains("in use", StringComparison.Ordinal))
            {
                context.Say("a port was taken meanwhile; trying the next");
            }
        }
    }

    private static async Task<int> RunAsync(CliContext context, IRunningServer server, string data, bool ask, bool stay, CancellationToken cancellation)
    {
        context.Say($"Capstan serves on {server.Url}; its data is in {data}");
        var code = await new DemoStory(context, server, data, ask).TellAsync(cancellation).ConfigureAwait(false);
        if (!stay || code != ExitCodes.Fine) return code;
        context.Say("");
        context.Say($"Look at it: {server.SignInLink()} (signs your browser in once; `capstan login --link` prints another)");
        context.Say("The server stays until Ctrl+C. In another terminal:");
        context.Say($"  export CAPSTAN_SERVER={server.Url.ToString().TrimEnd('/')} CAPSTAN_DATA={data} KUBECONFIG={server.Kubeconfig}");
        context.Say("  capstan get apps; capstan history shop; capstan tree shop; kubectl get pods -n shop");
        return await UpCommand.UntilStoppedAsync(server, context, cancellation).ConfigureAwait(false);
    }

    private static string FreeAddress(int from)
    {
        for (var port = from; port < from + PortsTried; port++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return $"127.0.0.1:{port}";
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
                continue;
            }
        }
        return "127.0.0.1:0";
    }
}
