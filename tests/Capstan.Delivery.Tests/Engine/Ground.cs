using System.Net;
using Capstan.Delivery.Applications;
using Capstan.Delivery.Bootstrap;
using Capstan.Delivery.Controllers;
using Capstan.Delivery.Scripts;
using Capstan.Kubernetes;
using Capstan.Kubernetes.Tests;
using Capstan.LocalCluster;
using Capstan.Resources;
using Capstan.Sources.Git;
using Capstan.Sources.Http;
using Capstan.Sources.Processes;
using Capstan.Sources.Registries;
using Capstan.Sources.Ssrf;
using Capstan.Testing;
using Capstan.Yaml;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Delivery.Tests.Engine;

/// <summary>Which cluster a test runs against.</summary>
public enum ClusterKind
{
    /// <summary>The embedded one, started for the test.</summary>
    Local,

    /// <summary>A real API server, shared by the tests of the process.</summary>
    Real,
}

/// <summary>A cluster, a repository and an engine between them, all real.</summary>
internal sealed class Ground : IAsyncDisposable
{
    public static readonly ApplicationKey Shop = new("capstan", "shop");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly string _root;
    private readonly LocalClusterServer? _server;
    private readonly ClusterConnection _connection;
    private readonly string _suffix;
    private CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private GitMirrors? _mirrors;
    private RepositoryFiles? _files;
    private ArtifactFiles? _artifacts;

    private Ground(string root, GitFolder git, LocalClusterServer? server, string kubeconfig)
    {
        (_root, Git, _server, Kubeconfig) = (root, git, server, kubeconfig);
        _connection = ClusterConnection.FromKubeconfig(kubeconfig);
        _suffix = server is null ? $"-{Guid.NewGuid():N}"[..7] : "";
        Client = Connect(_connection);
        Proxy = new FaultProxy(_connection);
    }

    public GitFolder Git { get; }

    public string Kubeconfig { get; }

    /// <summary>Stands between the engine and its cluster when the engine was started through it.</summary>
    public FaultProxy Proxy { get; private set; }

    /// <summary>The namespace of the Applications: one of its own on a cluster that tests share.</summary>
    public string Control => "capstan" + _suffix;

    /// <summary>Where the objects go.</summary>
    public string Space => "shop" + _suffix;

    /// <summary>The Application of this name.</summary>
    public ApplicationKey Key(string name = "shop") => new(Control, name + _suffix);

    /// <summary>A client beside the engine, as a person's.</summary>
    public Capstan.Kubernetes.ClusterClient Client { get; }

    public DeliveryEngine Engine { get; private set; } = null!;

    public static async Task<Ground> StartAsync(DeliveryOptions? options = null, ClusterKind kind = ClusterKind.Local, bool throughProxy = false, AddressGuard? guard = null)
    {
        var root = Directory.CreateTempSubdirectory("capstan-delivery-").FullName;
        var git = await GitFolder.CreateAsync(root);
        var server = kind == ClusterKind.Real ? null : await LocalClusterServer.StartAsync(
            new LocalClusterOptions { DataFolder = Path.Combine(root, "cluster"), Listen = new IPEndPoint(IPAddress.Loopback, 0) }, TimeProvider.System, NullLoggerFactory.Instance, Cancel);
        var ground = new Ground(root, git, server, server?.KubeconfigPath ?? await RealCluster.KubeconfigAsync());
        await DeliveryBootstrap.EnsureAsync(ground.Client, kind == ClusterKind.Real ? [ground.Control] : ["capstan", "argocd"], TimeProvider.System, Cancel);
        ground.StartEngine(options, throughProxy, guard);
        return ground;
    }

    public void StartEngine(DeliveryOptions? options = null, bool throughProxy = false, AddressGuard? guard = null)
    {
        options ??= new DeliveryOptions { PollInterval = TimeSpan.FromSeconds(5) };
        options = options with { Scripts = ScriptProgram.Own() };
        options = _server is null ? options with { ApplicationNamespaces = [Control] } : options;
        _stop = new CancellationTokenSource();
        _mirrors = new GitMirrors(Path.Combine(_root, "mirrors"), new GitProgram(new ProcessRunner(TimeProvider.System)), AddressGuard.Strict, Git, TimeProvider.System);
        _files = new RepositoryFiles(Path.Combine(_root, "charts"), guard ?? AddressGuard.Strict, TimeProvider.System);
        _artifacts = new ArtifactFiles(Path.Combine(_root, "charts"), AddressGuard.Strict, TimeProvider.System);
        Engine = new DeliveryEngine(Connect(throughProxy ? Proxy.Connection : _connection), _mirrors, options, TimeProvider.System, Log(), _files, _artifacts);
        Git.Pushed = Engine.NotifyPush;
        _running = Engine.RunAsync(_stop.Token);
    }

    public async Task StopEngineAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await Engine.DisposeAsync();
        _mirrors?.Dispose();
        _files?.Dispose();
        _artifacts?.Dispose();
        _stop.Dispose();
    }

    public async Task CreateApplicationAsync(
        string policy = """{"automated":{"prune":true,"selfHeal":true},"syncOptions":["CreateNamespace=true"]}""", string name = "shop", string metadata = "", string path = "deploy", string? space = null, string kind = """ "directory":{} """, string? repoUrl = null, string revision = "main", string server = "https://kubernetes.default.svc")
    {
        var json = Make.ApplicationJson(
            $$"""{"source":{"repoURL":"{{repoUrl ?? Git.Url}}","path":"{{path}}","targetRevision":"{{revision}}",{{kind}}},"destination":{"server":"{{server}}","namespace":"{{space ?? Space}}"},"syncPolicy":{{policy}} }""",
            name + _suffix, metadata, Control);
        await Client.CreateAsync(Make.Object(json), cancellation: Cancel);
    }

    /// <summary>A second repository, served beside the first.</summary>
    public async Task<GitFolder> AddRepositoryAsync(string name)
    {
        Git.Beside = await GitFolder.CreateAsync(Directory.CreateDirectory(Path.Combine(_root, name)).FullName, $"https://git.capstan.test/{name}.git");
        Git.Beside.Pushed = Engine.NotifyPush;
        return Git.Beside;
    }

    /// <summary>Makes an Application of this spec.</summary>
    public Task CreateApplicationOfAsync(string spec, string name = "shop", string metadata = "") =>
        Client.CreateAsync(Make.Object(Make.ApplicationJson(spec, name + _suffix, metadata, Control)), cancellation: Cancel);

    public async Task<KubernetesObject?> FindAsync(string kind, string name, string? space = null, string group = "") =>
        await Client.FindAsync(new ObjectKey(new GroupKind(group, kind), space ?? Space, name), Cancel);

    public async Task<KubernetesObject> ApplicationAsync(string name = "shop") =>
        await FindAsync("Application", name + _suffix, Control, "argoproj.io") ?? throw new InvalidOperationException($"Application {name} is gone");

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

    /// <summary>Commits, makes the Application and waits until it is synced.</summary>
    public async Task<string> SyncedOnceAsync(params (string Path, string? Text)[] files)
    {
        var commit = await Git.CommitAsync("Begin", files);
        await CreateApplicationAsync();
        await SyncedAsync(commit);
        return commit;
    }

    /// <summary>How a kind is served, once it is.</summary>
    public async Task<ApiResource> ResolveAsync(GroupKind kind) =>
        await UntilAsync(async () => (await Client.DiscoverAsync(refresh: true, Cancel)).Find(kind));

    /// <summary>Writes Argo CD's settings.</summary>
    public Task SettingsAsync(params (string Key, string Value)[] data) => Client.ApplyAsync(
        new KubernetesObject(YamlMap.Of(
            ("apiVersion", "v1"), ("kind", "ConfigMap"), ("metadata", YamlMap.Of(("name", "argocd-cm"), ("namespace", Control))),
            ("data", YamlMap.Of([.. data.Select(d => (d.Key, (YamlNode)d.Value))])))),
        new ApplyOptions { FieldManager = "operator", Force = true }, Cancel);

    /// <summary>Changes the Application's sync policy.</summary>
    public async Task PatchPolicyAsync(string policy)
    {
        var resource = await Client.ResolveAsync(Delivery.Applications.Application.Kind, Cancel);
        await Client.PatchAsync(resource, Control, Key().Name, PatchKind.Merge, JsonText.Read($$"""{"spec":{"syncPolicy":{{policy}}} }"""), cancellation: Cancel);
        await UntilAsync(async () => await Task.FromResult(Engine.Desk.Get(Key())?.Spec["syncPolicy"]?.ToString()) == (await ApplicationAsync()).Spec["syncPolicy"]!.ToString() ? "" : null);
    }

    public async ValueTask DisposeAsync()
    {
        await StopEngineAsync();
        await Proxy.DisposeAsync();
        Client.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        Directory.Delete(_root, recursive: true);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Capstan.Kubernetes.ClusterClient Connect(ClusterConnection connection) => new(connection, TimeProvider.System, NullLogger.Instance);

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
