using Capstan.Access.Rights;
using Capstan.Access.SignIn;
using Capstan.Access.Tokens;
using Capstan.Delivery.Controllers;
using Capstan.Delivery.Scripts;
using Capstan.Delivery.Settings;
using Capstan.GitHost;
using Capstan.GitHost.Pushes;
using Capstan.GitHost.Repositories;
using Capstan.Kubernetes;
using Capstan.Promotion.Running;
using Capstan.Registry;
using Capstan.Registry.Storage;
using Capstan.Server.Applications;
using Capstan.Server.Backups;
using Capstan.Server.Bindings;
using Capstan.Server.Endpoints;
using Capstan.Server.Guarding;
using Capstan.Server.Live;
using Capstan.Server.Metrics;
using Capstan.Server.Notifications;
using Capstan.Server.People;
using Capstan.Server.Pipelines;
using Capstan.Server.Platform;
using Capstan.Server.Problems;
using Capstan.Server.PullRequests;
using Capstan.Server.Tracing;
using Capstan.Server.Webhooks;
using Capstan.Sources.Git;
using Capstan.Sources.Git.Writing;
using Capstan.Sources.Http;
using Capstan.Sources.Processes;
using Capstan.Sources.Registries;
using Capstan.Sources.Ssrf;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Capstan.Server.Hosting;

/// <summary>The whole server: composed, started and stopped in one place.</summary>
public sealed class CapstanServer : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _running = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TimeProvider _time;
    private readonly ILogger<CapstanServer> _log;
    private readonly ILoggerFactory _logs;
    private OneTimeCodes? _codes;

    private CapstanServer(ServerSettings settings, TimeProvider time, ILoggerFactory logs)
    {
        Settings = settings;
        _time = time;
        _logs = logs;
        _log = logs.CreateLogger<CapstanServer>();
    }

    /// <summary>What it was started with.</summary>
    public ServerSettings Settings { get; }

    /// <summary>Its address.</summary>
    public Uri Url { get; private set; } = new("http://127.0.0.1/");

    /// <summary>Every route with its methods.</summary>
    internal IReadOnlyList<string> RouteTable { get; private set; } = [];

    /// <summary>Every route with what it states.</summary>
    internal IReadOnlyList<RouteEndpoint> Endpoints { get; private set; } = [];

    /// <summary>The administrator's token in the clear: for whoever started the server, and nobody else.</summary>
    public string TokenText { get; private set; } = "";

    /// <summary>Whether this start made the token.</summary>
    public bool TokenIsNew { get; private set; }

    /// <summary>The kubeconfig of the cluster that it steers; empty inside a cluster.</summary>
    public string Kubeconfig { get; private set; } = "";

    /// <summary>Whether pods of the embedded cluster are containers whose addresses can be reached from this machine.</summary>
    public bool RunsContainers { get; private set; }

    /// <summary>What becomes of the embedded cluster's pods, for people; empty for another cluster.</summary>
    public string Pods { get; private set; } = "";

    /// <summary>Ends when the engine ends: when the server is stopped, or with the error that ended it.</summary>
    public Task Stopped { get; private set; } = Task.CompletedTask;

    /// <summary>Starts a server and answers when it is ready.</summary>
    /// <exception cref="ServerStartException">It cannot start; nothing runs on then.</exception>
    public static async Task<CapstanServer> StartAsync(ServerSettings settings, TimeProvider time, ILoggerFactory logs, CancellationToken cancellation)
    {
        var server = new CapstanServer(settings, time, logs);
        try
        {
            await server.StartAsync(cancellation).ConfigureAwait(false);
            return server;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ClusterConfigurationException or ClusterUnreachableException or KubernetesException)
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw new ServerStartException(e.Message, e);
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>A link that signs the administrator in once, for the terminal of whoever started the server.</summary>
    public Uri SignInLink() => new(Settings.ExternalUrl ?? Url, "/sign-in/link/" + _codes!.Make(Principal.Administrator));

    /// <summary>Stops what was started, in reverse: first nothing new is taken, last the data folder is let go.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        while (_running.TryPop(out var part)) await part.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task StartAsync(CancellationToken cancellation)
    {
        // 1. The data folder and who may enter.
        if (Settings.OpenId is { } openId && openId.Issuer.Scheme != Uri.UriSchemeHttps && !openId.Issuer.IsLoopback)
        {
            throw new ServerStartException($"--oidc-issuer {openId.Issuer}: is no https address. What the provider says would be believed from anybody on the way");
        }
        Keep(DataFolderLock.Take(Settings.Data));
        await DataFormat.OpenAsync(Settings.Data, cancellation).ConfigureAwait(false);
        if (Settings.Telemetry is { } telemetry) Keep(TelemetryExport.Start(telemetry, Settings.Version));
        var token = AdministratorToken.LoadOrCreate(Settings.Data);
        (TokenText, TokenIsNew) = (token.Value.Reveal(), token.Created);
        var tokens = new TokenBook(_time);
        var authenticator = new Authenticator(token, tokens);
        var rules = new AccessRules(Settings.AllowAnonymous);
        var sessions = new SessionBook(_time);
        var codes = new OneTimeCodes(_time);
        _codes = codes;
        var activity = Keep(new ActivityLog(Settings.Data, _time));

        // 2. Images, and the cluster whose pods are of them.
        var images = Keep(new ImageStore(Path.Combine(Settings.Data, "registry"), new RegistryOptions { ExternalUrl = Settings.ExternalUrl }, _time));
        images.Start();
        var ownImages = new OwnImages(images);
        var target = await ClusterTarget.OpenAsync(Settings, ownImages, _time, _logs, cancellation).ConfigureAwait(false);
        Keep(target);
        (Kubeconfig, RunsContainers, Pods) = (target.Kubeconfig, target.RunsContainers, target.Pods);
        var cluster = new ClusterClient(target.Connection, _time, _logs.CreateLogger<ClusterClient>());

        // 3. Repositories, ours and others', and the registry.
        var git = new GitProgram(new ProcessRunner(_time));
        var relay = new PushRelay();
        var events = new PushEvents([relay], _logs.CreateLogger<PushEvents>());
        var repositories = Keep(new RepositoryStore(Path.Combine(Settings.Data, "git"), git, events, _time));
        await repositories.StartAsync(cancellation).ConfigureAwait(false);
        var mirrors = Keep(new GitMirrors(Path.Combine(Settings.Data, "cache", "mirrors"), git, AddressGuard.Strict, repositories, _time));
        var commits = new CommitWriter(mirrors, _time);
        var host = Keep(new GitHostEndpoints(new GitHostParts(repositories, git, new GitHostOptions { CreateOnPush = Settings.CreateOnPush, Narrate = relay.SayAsync, GuardedFolder = p => RunTokens.IsRun(p) ? ".github/workflows" : "" }), authenticator,
            rules, events, _logs.CreateLogger<GitHostEndpoints>()));

        var registry = Keep(new RegistryEndpoints(images, authenticator, rules, _time, _logs.CreateLogger<RegistryEndpoints>()));

        // 4. The address, which answers 503 until all of the rest stands.
        string UrlOf(string name) => $"{(Settings.ExternalUrl ?? Url).ToString().TrimEnd('/')}/git/{name}.git";
        var (parts, opinions) = (default(ServerParts), default(ClusterOpinions));
        var front = await HttpFront.StartAsync(Settings, new FrontGuards(authenticator, rules, sessions, () => activity, () => opinions, (kind, name) => FullNames.Of(parts!, kind, name)), _logs, routes => Routes.Map(routes, () => parts!, host, registry), cancellation).ConfigureAwait(false);
        Keep(front);
        Url = front.Url;
        RouteTable = [.. front.RouteTable];
        Endpoints = [.. front.Endpoints];
        var addresses = KnownAddresses.Remember(Settings.Data, [.. new[] { Settings.ExternalUrl, Url, LocalName(Url) }.OfType<Uri>()]);
        repositories.ServeAt(addresses);
        var ownRegistry = Keep(new OwnRegistry(registry, Settings.ExternalUrl ?? Url, addresses, _time));
        ownImages.Connect(ownRegistry);

        // 5. Capstan's own configuration.
        var platform = new PlatformRepository(repositories, commits, UrlOf);
        if (await platform.EnsureAsync(cancellation).ConfigureAwait(false)) _log.PlatformMade();
        await FirstObjects.EnsureAsync(cluster, Settings, platform.Url, cancellation).ConfigureAwait(false);
        var access = Keep(new AccessKeeper(cluster, rules, tokens, sessions, _time, _log));
        await access.StartAsync(cancellation).ConfigureAwait(false);
        tokens.OwnerNow = access.Current;
        if (!Settings.UsesLocalCluster)
        {
            opinions = new ClusterOpinions(cluster, FirstObjects.OwnNamespace, () => access.Projects, _time, _log);
            rules.AlsoAsked = opinions.Allows;
        }

        Keep(new SessionFile(Settings.Data, sessions, principal => access.VoucherOf(principal, TokenText), _time.GetUtcNow(), _log));

        // 6. The engine, and the doors.
        var metrics = Keep(new MetricsCollector());
        var options = new DeliveryOptions
        {
            Scripts = ScriptProgram.Own(),
            ApplicationNamespaces = Settings.AppNamespaces,
            OwnHosting = new OwnHosting(new HostedRepositories(repositories, git, UrlOf)),
            PlatformRepositories = [.. addresses.Select(a => $"{a.ToString().TrimEnd('/')}/git/{PlatformRepository.Name}.git")],
        };
        var charts = Keep(new RepositoryFiles(Path.Combine(Settings.Data, "cache", "charts"), AddressGuard.Strict, _time));
        var stored = Keep(new ArtifactFiles(Path.Combine(Settings.Data, "cache", "charts"), AddressGuard.Strict, _time, OwnRegistry.Entries(addresses, TokenText)));
        var engine = Keep(new EngineRun(new DeliveryEngine(cluster, mirrors, options, _time, _logs.CreateLogger<DeliveryEngine>(), charts, stored)));
        Task<OperatorSettings> OperatorAsync(CancellationToken stop) => OperatorSettings.ReadAsync(cluster, Settings.AppNamespaces[0], stop);
        var builds = Keep(new ImageBuilds(ownRegistry, new ImageBuildsOptions(Settings.Data, (Settings.ExternalUrl ?? Url).ToString().TrimEnd('/'), r => WorkflowBinding.MayRunOnHost(Settings, r)), _time));
        var promoting = Keep(new PromotionRun());
        var releases = new RunReleases(new ReleaseStore(cluster), ownRegistry, promoting.Wake);
        var workflows = Keep(await WorkflowBinding.CreateAsync(Settings, Url, cluster, new HostedRepositories(repositories, git, UrlOf, new PublicActions(mirrors, git, OperatorAsync)), new RunTokens(tokens, _time), builds, Keep(new RunArchives(ownRegistry, TokenText, Path.Combine(Settings.Data, "workflows", "keeping"))), releases, git.Runner, _time, _logs, cancellation).ConfigureAwait(false));
        await workflows.StartAsync(cancellation).ConfigureAwait(false);
        relay.Connect((push, _) =>
        {
            engine.Engine.NotifyPush(UrlOf(push.Repository.Text));
            workflows.NotifyPush(push.Repository.Text, push.Principal.Name);
            return ValueTask.CompletedTask;
        });
        relay.Narrate(new PushNarrator(workflows, (Settings.ExternalUrl ?? Url).ToString().TrimEnd('/'), _log).SayAsync);
        Stopped = engine.Start();
        Keep(new MemoryTrim(() =>
        {
            target.Shrink();
            engine.Engine.Shrink();
        }, _time));
        var changes = new ChangeStream(promoting.Wake);
        var index = Keep(new ApplicationIndex(engine.Engine.Desk, changes, _time, _log));
        index.Start();
        var reports = new ApplicationReports(engine.Engine.Desk);
        var runs = Keep(new RunIndex(cluster, FirstObjects.OwnNamespace, changes, _time, _log));
        runs.Start();
        var pipelines = Keep(new PipelineIndex(cluster, changes, _time, _log));
        pipelines.Start();
        var artifacts = Keep(new ReleaseArtifacts(ownRegistry, TokenText, Settings.Data));
        var hosts = new HostTokens(cluster, FirstObjects.OwnNamespace);
        var pulls = Keep(new PullRequestDesk(new PullRequestParts(OperatorAsync, hosts, mirrors, repositories, git, workflows), Path.Combine(Settings.Data, "workflows", "pull-requests"), _time, _log));
        pulls.Start();
        Keep(new StatusDesk(new StatusParts(OperatorAsync, hosts, runs, changes, () => Settings.ExternalUrl ?? Url), _time, _log));
        parts = new ServerParts
        {
            Settings = Settings,
            StartedAt = _time.GetUtcNow(),
            Pods = target.Pods,
            Git = git,
            Mirrors = mirrors,
            Repositories = repositories,
            Images = images,
            Platform = platform,
            Cluster = cluster,
            Backup = new DataBackup(Settings.Data, Settings.Version, target.CopyObjects, repositories, _time),
            Rules = rules,
            Tokens = tokens,
            Access = access,
            Sessions = sessions,
            Codes = codes,
            Devices = new DeviceLogins(_time),
            SignIn = Keep(new SignInDesk(access, authenticator, _time)),
            Activity = activity,
            Opinions = opinions,
            OpenId = Settings.OpenId is { } provider ? Keep(new OpenIdProvider(provider, _time)) : null,
            Index = index,
            Runs = runs,
            PipelineIndex = pipelines,
            Notifications = Keep(new NotificationLog(Settings.Data, _time, _log)),
            Artifacts = artifacts,
            Changes = changes,
            Time = _time,
            Applications = new ApplicationStore(engine.Engine.Desk),
            Reports = reports,
            Sets = engine.Engine.Sets,
            Actions = engine.Engine.Actions,
            OperatorSettings = engine.Engine.Settings,
            Workflows = workflows,
            Webhooks = Keep(new WebhookDesk(stop => WebhookKeys.ReadAsync(cluster, stop), url => engine.Engine.NotifyPush(url.Text), _time, pulls.TakeAsync)),
            Pipelines = new PipelineStore(cluster, promoting.Wake),
            Tracer = new Tracer(cluster, images, new PromotionHistory(repositories, git), reports),
            Metrics = metrics,
            Readiness = Keep(new Readiness(_time)),
            EngineStopped = Stopped,
            UrlOf = UrlOf,
            Url = () => Url,
            Stopping = _stopping.Token,
        };
        var promotion = new PromotionController(new PromotionParts(cluster, mirrors, commits, new StageRepositories(UrlOf), artifacts), _time, _logs.CreateLogger<PromotionController>());
        promoting.Start(promotion, _time, _logs.CreateLogger<PromotionRun>());
        Keep(new GitUpkeep(new RepositoryUpkeep(repositories, git, new UpkeepLimits()), _time, _logs.CreateLogger<GitUpkeep>()));
        Keep(new RegistryUpkeep(images, new ImagesInUse(cluster, repositories, git), _time, _logs.CreateLogger<RegistryUpkeep>()));
        Keep(new NotificationDesk(parts, Settings.Notifications, _log));
        front.Open(Settings);
        _log.Serving(Url.ToString(), Settings.Data);
    }

    /// <summary>The same address by the name that people type.</summary>
    private static Uri? LocalName(Uri url) => url.IsLoopback ? new UriBuilder(url) { Host = "localhost" }.Uri : null;

    private T Keep<T>(T part) where T : class
    {
        _running.Push(part as IAsyncDisposable ?? new Disposing((IDisposable)part));
        return part;
    }

    private sealed class Disposing(IDisposable part) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            part.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
