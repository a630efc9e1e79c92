using System.Net;
using Capstan.Delivery.Applications;
using Capstan.Delivery.Bootstrap;
using Capstan.Delivery.Controllers;
using Capstan.Kubernetes;
using Capstan.LocalCluster;
using Capstan.Resources;
using Capstan.Sources.Git;
using Capstan.Sources.Processes;
using Capstan.Sources.Ssrf;
using Capstan.Yaml;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Delivery.Tests.Engine;

/// <summary>A cluster, a repository and an engine between them, all real.</summary>
internal sealed class Ground : IAsyncDisposable
{
    public static readonly ApplicationKey Shop = new("capstan", "shop");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _root;
    private readonly LocalClusterServer _server;
    private CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private GitMirrors? _mirrors;

    private Ground(string root, LocalClusterServer server, GitFolder git, Capstan.Kubernetes.ClusterClient client)
    {
        (_root, _server, Git, Client) = (root, server, git, client);
    }

    public GitFolder Git { get; }

    /// <summary>A client beside the engine, as a person's.</summary>
    public Capstan.Kubernetes.ClusterClient Client { get; }

    public DeliveryEngine Engine { get; private set; } = null!;

    public static async Task<Ground> StartAsync(DeliveryOptions? options = null)
    {
        var root = Directory.CreateTempSubdirectory("capstan-delivery-").FullName;
        var git = await GitFolder.CreateAsync(root);
        var server = await LocalClusterServer.StartAsync(
            new LocalClusterOptions { DataFolder = Path.Combine(root, "cluster"), Listen = new IPEndPoint(IPAddress.Loopback, 0) }, TimeProvider.System, NullLoggerFactory.Instance, Cancel);
        var client = Connect(server);
        await DeliveryBootstrap.EnsureAsync(client, ["capstan", "argocd"], TimeProvider.System, Cancel);
        var ground = new Ground(root, server, git, client);
        ground.StartEngine(options);
        return ground;
    }

    public void StartEngine(DeliveryOptions? options = null)
    {
        _stop = new CancellationTokenSource();
        _mirrors = new GitMirrors(Path.Combine(_root, "mirrors"), new GitProgram(new ProcessRunner(TimeProvider.System)), AddressGuard.Strict, Git, TimeProvider.System);
        Engine = new DeliveryEngine(Connect(_server), _mirrors, options ?? new DeliveryOptions { PollInterval = TimeSpan.FromSeconds(5) }, TimeProvider.System, Log());
        Git.Pushed = Engine.NotifyPush;
        _running = Engine.RunAsync(_stop.Token);
    }

    public async Task StopEngineAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await Engine.DisposeAsync();
        _mirrors?.Dispose();
        _stop.Dispose();
    }

    public async Task CreateApplicationAsync(
        string policy = """{"automated":{"prune":true,"selfHeal":true},"syncOptions":["CreateNamespace=true"]}""", string name = "shop", string metadata = "", string path = "deploy", string space = "shop")
    {
        var json = Make.ApplicationJson($$"""{"source":{"repoURL":"{{Git.Url}}","path":"{{path}}","targetRevision":"main"},"destination":{"server":"https://kubernetes.default.svc","namespace":"{{space}}"},"syncPolicy":{{policy}} }""", name, metadata);
        await Client.CreateAsync(Make.Object(json), cancellation: Cancel);
    }

    public async Task<KubernetesObject?> FindAsync(string kind, string name, string space = "shop", string group = "") =>
        await Client.FindAsync(new ObjectKey(new GroupKind(group, kind), space, name), Cancel);

    public async Task<KubernetesObject> ApplicationAsync(string name = "shop") =>
        await FindAsync("Application", name, "capstan", "argoproj.io") ?? throw new InvalidOperationException($"Application {name} is gone");

    /// <summary>Waits until the Application's status says what is asked.</summary>
    public async Task<YamlMap> UntilAsync(Func<YamlMap, bool> met, string name = "shop")
    {
        var status = YamlMap.Empty;
        return await UntilAsync(async () => met(status = (await ApplicationAsync(name)).Status) ? status : null, () => JsonText.Write(status, indented: true));
    }

    public static async Task<T> UntilAsync<T>(Func<Task<T?>> probe, Func<string>? tell = null)
        where T : class
    {
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < Patience)
        {
            if (await probe() is { } found)
            {
                return found;
            }

            await Task.Delay(25, Cancel);
        }

        throw new TimeoutException($"not met in {Patience}: {tell?.Invoke()}");
    }

    public Task<YamlMap> SyncedAsync(string commit, string name = "shop") =>
        UntilAsync(s => s.At("sync", "status")?.AsString() == "Synced" && s.At("sync", "revision")?.AsString() == commit && s.At("operationState", "phase")?.AsString() == "Succeeded", name);

    public async ValueTask DisposeAsync()
    {
        await StopEngineAsync();
        Client.Dispose();
        await _server.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Capstan.Kubernetes.ClusterClient Connect(LocalClusterServer server) =>
        new(ClusterConnection.FromKubeconfig(server.KubeconfigPath), TimeProvider.System, NullLogger.Instance);

    private static ILogger Log() => Environment.GetEnvironmentVariable("CAPSTAN_TEST_LOG") is null
        ? NullLogger.Instance
        : new ConsoleLog();

    private sealed class ConsoleLog : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Console.Error.WriteLine($"{logLevel} {formatter(state, exception)} {exception}");
    }
}
