using System.Globalization;
using Capstan.Cli;
using Capstan.Cli.Hosting;
using Capstan.Server.Backups;
using Capstan.Server.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Capstan;

/// <summary>Binds what the commands ask for to the server.</summary>
internal sealed class ServerBinding(string version) : IServerHost
{
    public async Task<IRunningServer> StartAsync(UpSettings settings, Action<string> progress, CancellationToken cancellation)
    {
        var logs = Logs(settings.Quiet ? LogLevel.Error : LogLevel.Information);
        try
        {
            return new Running(await CapstanServer.StartAsync(Translate(settings), TimeProvider.System, logs, cancellation), logs);
        }
        catch (ServerStartException e)
        {
            logs.Dispose();
            throw new CommandException(ExitCodes.ServerFailed, e.Message);
        }
    }

    public async Task RunAgentAsync(AgentSettings settings, Action<string> progress, CancellationToken cancellation)
    {
        using var logs = Logs(LogLevel.Information);
        try
        {
            await CapstanAgent.RunAsync(Translate(new UpSettings
            {
                Data = settings.Data,
                Kubeconfig = settings.Kubeconfig,
                InCluster = settings.InCluster,
                AppNamespaces = settings.AppNamespaces,
            }), TimeProvider.System, logs, cancellation);
        }
        catch (ServerStartException e)
        {
            throw new CommandException(ExitCodes.ServerFailed, e.Message);
        }
    }

    public async Task<string> CheckBackupAsync(string file, CancellationToken cancellation) => Tell(await UseAsync(BackupReader.CheckAsync(file, cancellation)));

    public async Task<string> RestoreAsync(string file, string data, CancellationToken cancellation) => Tell(await UseAsync(BackupReader.RestoreAsync(file, data, cancellation)));

    private static async Task<BackupContent> UseAsync(Task<BackupContent> work)
    {
        try
        {
            return await work;
        }
        catch (BackupException e)
        {
            throw new CommandException(ExitCodes.Refused, e.Message);
        }
    }

    private static string Tell(BackupContent content) => string.Create(CultureInfo.InvariantCulture,
        $"{content.Files} files, {content.Bytes / 1_048_576.0:0.0} MiB, as of {content.Began:yyyy-MM-ddTHH:mm:ssZ}, by {content.Version}{(content.HoldsCluster ? "" : "; the cluster's objects are not in it")}");

    private ServerSettings Translate(UpSettings settings) => new()
    {
        Data = settings.Data,
        Listen = Address("--listen", settings.Listen),
        ClusterListen = Address("--cluster-listen", settings.ClusterListen),
        Version = version,
        Kubeconfig = settings.Kubeconfig,
        InCluster = settings.InCluster,
        AppNamespaces = settings.AppNamespaces,
        CreateOnPush = settings.CreateOnPush,
        AllowHostJobs = settings.AllowHostJobs,
        RunnerImages = settings.RunnerImages,
        AllowAnonymous = settings.AllowAnonymous,
        AllowPrivilegedPods = settings.AllowPrivilegedPods,
        SimulatePods = settings.SimulatePods,
        OwnContainers = settings.OwnContainers,
        ServiceNetwork = settings.ServiceNetwork,
        ExternalUrl = settings.ExternalUrl,
        Telemetry = Telemetry(),
        TlsCertificate = settings.TlsCertificate,
        TlsKey = settings.TlsKey,
        OpenId = settings is { OpenIdIssuer: { } issuer, OpenIdClient: { } client }
            ? new Server.People.OpenIdSettings(issuer, client) { ClientSecretFile = settings.OpenIdSecretFile, UserClaim = settings.OpenIdUserClaim, GroupsClaim = settings.OpenIdGroupsClaim }
            : null,
        TrustedProxies = [.. settings.TrustedProxies.Select(Network)],
    };

    private static Server.Metrics.TelemetryOptions? Telemetry()
    {
        try
        {
            return Server.Metrics.TelemetryOptions.Of(Environment.GetEnvironmentVariable);
        }
        catch (FormatException e)
        {
            throw new CommandException(ExitCodes.Usage, e.Message);
        }
    }

    private static ListenAddress Address(string option, string text) => ListenAddress.TryParse(text, out var address)
        ? address
        : throw new CommandException(ExitCodes.Usage, $"{option} {text}: is no address. Give an IP address and a port, such as 127.0.0.1:7070");

    private static System.Net.IPNetwork Network(string text) => System.Net.IPNetwork.TryParse(text, out var network)
        ? network
        : throw new CommandException(ExitCodes.Usage, $"--trusted-proxies {text}: is no network. Give one such as 10.0.0.0/8");

    private static ILoggerFactory Logs(LogLevel level) => LoggerFactory.Create(builder => builder
        .SetMinimumLevel(level)
        .AddFilter("Microsoft", LogLevel.Warning)
        // A host that cannot start says so by its exception, which is told in a sentence.
        .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None)
        .AddSimpleConsole(o =>
        {
            o.SingleLine = true;
            o.UseUtcTimestamp = true;
            o.TimestampFormat = "yyyy-MM-ddTHH:mm:ssZ ";
            o.ColorBehavior = LoggerColorBehavior.Disabled;
        })
        // Data alone goes to stdout.
        .Services.Configure<ConsoleLoggerOptions>(o => o.LogToStandardErrorThreshold = LogLevel.Trace));

    private sealed class Running(CapstanServer server, ILoggerFactory logs) : IRunningServer
    {
        public Uri Url => server.Url;

        public string Token => server.TokenText;

        public bool TokenIsNew => server.TokenIsNew;

        public string Kubeconfig => server.Kubeconfig;

        public bool RunsContainers => server.RunsContainers;

        public string Pods => server.Pods;

        public Task Stopped => server.Stopped;

        public Uri SignInLink() => server.SignInLink();

        public async ValueTask DisposeAsync()
        {
            await server.DisposeAsync();
            logs.Dispose();
        }
    }
}
