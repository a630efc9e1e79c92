using System.CommandLine;
using Capstan.Cli.Connection;
using Capstan.Cli.Demo;
using Capstan.Cli.Hosting;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan demo</c></summary>
internal static class DemoCommand
{
    private const int StartsTried = 5;
    private const int FirstNetwork = 97;
    private const int Networks = 100;
    private const int DeletionsTried = 40;

    public static Command Create(CliContext context)
    {
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not stop between the chapters" };
        var exit = new Option<bool>("--exit") { Description = "End after the story instead of serving on" };
        var simulate = new Option<bool>("--simulate") { Description = "Run no containers: pods only say that they run" };
        var listen = new Option<string?>("--listen") { Description = "Where to listen (default the next free port from 127.0.0.1:7070)", HelpName = "HOST:PORT" };
        var clusterListen = new Option<string?>("--cluster-listen") { Description = "Where the cluster's API listens (default the next free port from 127.0.0.1:7443)", HelpName = "HOST:PORT" };
        var command = new Command("demo", """
            Everything from nothing: a push is tested, built, signed and carried to production; bad versions are stopped; undo is a revert. Pods are real containers where
            Docker or Podman is; on Debian and Ubuntu root is asked to let Podman be installed.

            Examples:
              capstan demo
              capstan demo --yes --exit
              capstan demo --simulate
            """) { yes, exit, simulate, listen, clusterListen };
        command.SetAction(async (line, cancellation) =>
        {
            var ask = context.Interactive && !line.GetValue(yes);
            var containers = !line.GetValue(simulate) && await new DemoContainers(context, ask).AreThereAsync(cancellation).ConfigureAwait(false);
            var named = line.GetValue(Connecting.Data);
            var data = named is null ? Directory.CreateTempSubdirectory("capstan-demo-").FullName : Path.GetFullPath(named);
            try
            {
                var (web, cluster) = (line.GetValue(listen), line.GetValue(clusterListen));
                var server = await StartAsync(context, data, web, cluster, containers, cancellation).ConfigureAwait(false);
                await using (server.ConfigureAwait(false))
                {
                    return await RunAsync(context, server, data, ask, stay: !line.GetValue(exit), cancellation).ConfigureAwait(false);
                }
            }
            finally
            {
                if (named is null) await DeleteAsync(context, data).ConfigureAwait(false);
            }
        });
        return command;
    }

    /// <summary>A port that was free may be taken a moment later: ports that nobody asked for are chosen anew then.</summary>
    private static async Task<IRunningServer> StartAsync(CliContext context, string data, string? listen, string? clusterListen, bool containers, CancellationToken cancellation)
    {
        for (var left = StartsTried; ; left--)
        {
            var clusterAddress = clusterListen ?? FreePorts.Address(7443);
            var settings = new UpSettings
            {
                SimulatePods = !containers,
                OwnContainers = true,
                // Two demos at once are in two networks.
                ServiceNetwork = (byte)(FirstNetwork + (int.TryParse(clusterAddress[(clusterAddress.LastIndexOf(':') + 1)..], out var port) ? port % Networks : 0)),
                AllowHostJobs = ["shop"],
                Data = data,
                Listen = listen ?? FreePorts.Address(7070),
                ClusterListen = clusterAddress,
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
        context.Say($"The cluster: {server.Pods}");
        var code = await new DemoStory(context, server, data, ask).TellAsync(cancellation).ConfigureAwait(false);
        if (!stay || code != ExitCodes.Fine) return code;
        context.Say("");
        context.Say($"Look at it: {server.SignInLink()} (signs your browser in once; `capstan login --link` prints another)");
        context.Say("The server stays until Ctrl+C. In another terminal:");
        context.Say($"  export CAPSTAN_SERVER={server.Url.ToString().TrimEnd('/')} CAPSTAN_DATA={data} KUBECONFIG={server.Kubeconfig}");
        context.Say("  capstan get apps; capstan get pipelines; capstan get releases; capstan tree shop-dev; kubectl get pods -A");
        return await UpCommand.UntilStoppedAsync(server, context, cancellation).ConfigureAwait(false);
    }

    // What containers leave behind is gone a moment after them.
    private static async Task DeleteAsync(CliContext context, string data)
    {
        for (var attempt = 1; Directory.Exists(data); attempt++)
        {
            try
            {
                Directory.Delete(data, recursive: true);
            }
            catch (Exception busy) when (busy is IOException or UnauthorizedAccessException && attempt < DeletionsTried)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), context.Clock).ConfigureAwait(false);
            }
        }
    }
}
