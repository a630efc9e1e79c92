using Capstan.Api.Applications;
using Capstan.Api.Client;
using Capstan.Api.Pipelines;
using Capstan.Api.Runs;
using Capstan.Cli.Commands;
using Capstan.Cli.Hosting;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Cli.Demo;

/// <summary>What the story waits for and shows: runs, releases, stages, pages. Everything is asked for as a person's commands and browser ask.</summary>
internal sealed class DemoStages : IDisposable
{
    private const string Pipeline = "shop";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);
    private readonly CliContext _context;
    private readonly IRunningServer _server;
    private readonly Action<string> _show;
    private readonly CapstanClient _client;
    private readonly ClusterClient _cluster;
    private readonly HttpClient _browser = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(2) };
    private readonly HashSet<string> _made = [];

    public DemoStages(CliContext context, IRunningServer server, Action<string> show)
    {
        (_context, _server, _show) = (context, server, show);
        _client = new CapstanClient(new ServerAddress(server.Url, server.Token));
        _cluster = new ClusterClient(ClusterConnection.FromKubeconfig(server.Kubeconfig), context.Clock, NullLogger.Instance);
    }

    public void Dispose()
    {
        _client.Dispose();
        _cluster.Dispose();
        _browser.Dispose();
    }

    /// <summary>Waits for the run of a commit and its release.</summary>
    /// <returns>The release's name.</returns>
    public async Task<string> ReleasedAsync(string commit, CancellationToken cancellation)
    {
        var run = await EndedAsync(commit, cancellation).ConfigureAwait(false);
        if (run.Conclusion != "success") throw new CommandException(ExitCodes.Difference, $"run {run.Name}: ended with {run.Conclusion}; `capstan logs {run.Name}` tells why");
        var release = await UntilAsync($"the release of {GetCommand.Short(commit)}", async () =>
            (await _client.ListReleasesAsync(cancellation).ConfigureAwait(false)).FirstOrDefault(r => r.Spec["commit"]?.AsString() == commit), cancellation).ConfigureAwait(false);
        _show("capstan get releases");
        foreach (var image in (release.Spec["images"]?.AsList() ?? YamlList.Empty).OfType<YamlMap>()) _context.Say($"    {release.Name}: {image["image"]?.AsString()}");
        return release.Name;
    }

    /// <summary>Waits for the run of a commit that fails, and shows what failed.</summary>
    public async Task FailedAsync(string commit, CancellationToken cancellation)
    {
        var run = await EndedAsync(commit, cancellation).ConfigureAwait(false);
        if (run.Conclusion != "failure") throw new CommandException(ExitCodes.Difference, $"run {run.Name}: ended with {run.Conclusion} and was to fail");
        foreach (var said in run.Jobs.SelectMany(j => j.Annotations)) _context.Say($"    {said.File}: {said.Message}");
        if ((await _client.ListReleasesAsync(cancellation).ConfigureAwait(false)).Any(r => r.Spec["commit"]?.AsString() == commit)) throw new CommandException(ExitCodes.Difference, $"run {run.Name}: failed and was released all the same");
        _context.Say("    no release, and nothing changed anywhere");
    }

    /// <summary>Follows a commit to production.</summary>
    public async Task PassAsync(string commit, string page, CancellationToken cancellation)
    {
        var release = await ReleasedAsync(commit, cancellation).ConfigureAwait(false);
        await ArriveAsync("dev", release, page, cancellation).ConfigureAwait(false);
        await ArriveAsync("staging", release, page, cancellation).ConfigureAwait(false);
        await ApproveAsync(release, "seen in staging", cancellation).ConfigureAwait(false);
        await ArriveAsync("production", release, page, cancellation).ConfigureAwait(false);
    }

    /// <summary>Waits until a stage has a release, and has proven it; the stage's application is made with the first.</summary>
    public async Task ArriveAsync(string stage, string release, string page, CancellationToken cancellation)
    {
        var state = await UntilAsync($"{release} enters {stage}", async () => await StageAsync(stage, cancellation).ConfigureAwait(false) is { } now && now["release"]?.AsString() == release ? now : null, cancellation).ConfigureAwait(false);
        _context.Say($"    {stage}: {release} by commit {GetCommand.Short(state["commit"]?.AsString() ?? "")}");
        if (_made.Add(stage))
        {
            _show($"capstan create app shop-{stage} --repo shop --path environments/{stage} --dest-namespace shop-{stage} --sync-policy automated --auto-prune --self-heal --sync-option CreateNamespace=true");
            await _client.CreateApplicationAsync(new CreateApplication($"shop-{stage}", "shop", $"environments/{stage}", Namespace: $"shop-{stage}", Automated: true, Prune: true, SelfHeal: true, SyncOptions: ["CreateNamespace=true"]), cancellation).ConfigureAwait(false);
        }

        await UntilAsync($"{release} is healthy in {stage}", async () => await StageAsync(stage, cancellation).ConfigureAwait(false) is { } now && now["proven"]?.AsString() == release ? now : null, cancellation).ConfigureAwait(false);
        _context.Out.WriteLine($"{stage} {release} Healthy");
        await ShowPageAsync(stage, page, cancellation).ConfigureAwait(false);
    }

    /// <summary>Approves a release for production as soon as it waits there.</summary>
    public async Task ApproveAsync(string release, string reason, CancellationToken cancellation)
    {
        var waiting = await UntilAsync($"{release} waits for production", async () =>
            await StageAsync("production", cancellation).ConfigureAwait(false) is { } now && now["waiting"]?.AsString() == release && now["message"]?.AsString()?.Contains("approval", StringComparison.Ordinal) == true ? now : null, cancellation).ConfigureAwait(false);
        _context.Say($"    production: {waiting["message"]?.AsString()}");
        _show($"capstan approve {Pipeline} --to production --reason '{reason}'");
        await _client.ApproveAsync(Pipeline, new StageWish("production", release, reason), cancellation).ConfigureAwait(false);
    }

    /// <summary>Waits until the release of a commit was taken back from dev, which serves the page before it all the time.</summary>
    public async Task TakenBackAsync(string commit, string page, CancellationToken cancellation)
    {
        var release = await ReleasedAsync(commit, cancellation).ConfigureAwait(false);
        var back = await UntilAsync($"{release} is taken back from dev", async () =>
            await StageAsync("dev", cancellation).ConfigureAwait(false) is { } now && now["message"]?.AsString()?.StartsWith($"{release} was reverted", StringComparison.Ordinal) == true ? now : null, cancellation).ConfigureAwait(false);
        _context.Say($"    dev: {back["message"]?.AsString()}");
        if ((await StageAsync("staging", cancellation).ConfigureAwait(false))?["release"]?.AsString() == release) throw new CommandException(ExitCodes.Difference, $"{release}: is bad, and reached staging");
        await ShowPageAsync("dev", page, cancellation).ConfigureAwait(false);
    }

    /// <summary>Deletes the Deployment of dev and waits until it is back.</summary>
    public async Task DriftAsync(CancellationToken cancellation)
    {
        var web = new ObjectKey(new GroupKind("apps", "Deployment"), "shop-dev", "web");
        var before = await _cluster.FindAsync(web, cancellation).ConfigureAwait(false) ?? throw new CommandException(ExitCodes.Difference, $"{web}: is not there");
        _show("kubectl delete deployment web --namespace shop-dev");
        await _cluster.DeleteAsync(web, new DeleteOptions { Propagation = DeletePropagation.Background }, cancellation).ConfigureAwait(false);
        var started = _context.Clock.GetTimestamp();
        await UntilAsync($"{web} is back", async () => await _cluster.FindAsync(web, cancellation).ConfigureAwait(false) is { } now && now.Uid != before.Uid ? now : null, cancellation).ConfigureAwait(false);
        _context.Say($"    back after {_context.Clock.GetElapsedTime(started).TotalMilliseconds:0} ms");
    }

    /// <summary>Shows the chain of a pod of production.</summary>
    public async Task TraceAsync(CancellationToken cancellation)
    {
        var pods = await _cluster.ResolveAsync(new GroupKind("", "Pod"), cancellation).ConfigureAwait(false);
        var pod = await UntilAsync("a pod in production", async () =>
            (await _cluster.ListAsync(pods, new ListOptions { Namespace = "shop-production" }, cancellation).ConfigureAwait(false)).Items.FirstOrDefault(p => p.DeletionTimestamp is null), cancellation).ConfigureAwait(false);
        _show($"capstan trace shop-production/{pod.Name}");
        using var text = new StringWriter();
        TraceCommand.Print(text, await _client.TraceAsync($"shop-production/{pod.Name}", cancellation).ConfigureAwait(false));
        foreach (var line in text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)) _context.Say($"    {line}");
    }

    private async Task<Run> EndedAsync(string commit, CancellationToken cancellation)
    {
        var run = await UntilAsync($"the run of {GetCommand.Short(commit)}", async () =>
            (await _client.ListRunsAsync("shop", cancellation).ConfigureAwait(false)).FirstOrDefault(r => r.Commit == commit && r.Phase == "completed"), cancellation).ConfigureAwait(false);
        _show("capstan get runs");
        _context.Say($"    {run.Name}: {string.Join(", ", run.Jobs.Select(j => $"{j.Name} {j.Conclusion}"))}");
        return run;
    }

    private async Task ShowPageAsync(string stage, string page, CancellationToken cancellation)
    {
        if (!_server.RunsContainers) return;
        var service = await _cluster.FindAsync(new ObjectKey(new GroupKind("", "Service"), $"shop-{stage}", "web"), cancellation).ConfigureAwait(false);
        var port = service?.Spec["ports"]?.AsList()?[0].AsMap()?["nodePort"]?.ToString();
        var address = new Uri($"http://127.0.0.1:{port}/");
        await UntilAsync($"{address} says \"{page}\"", async () =>
        {
            try
            {
                return (await _browser.GetStringAsync(address, cancellation).ConfigureAwait(false)).Contains(page, StringComparison.Ordinal) ? page : null;
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !cancellation.IsCancellationRequested)
            {
                // A pod that is on its way.
                return null;
            }
        }, cancellation).ConfigureAwait(false);
        _context.Say($"    {address} says: {page}");
    }

    private async Task<YamlMap?> StageAsync(string stage, CancellationToken cancellation)
    {
        var pipeline = (await _client.ListPipelinesAsync(cancellation).ConfigureAwait(false)).FirstOrDefault(p => p.Name == Pipeline);
        return (pipeline?.Status["stages"]?.AsList() ?? YamlList.Empty).OfType<YamlMap>().FirstOrDefault(s => s["name"]?.AsString() == stage);
    }

    private async Task<T> UntilAsync<T>(string what, Func<Task<T?>> reached, CancellationToken cancellation) where T : class
    {
        var started = _context.Clock.GetTimestamp();
        while (true)
        {
            if (await reached().ConfigureAwait(false) is { } found) return found;
            if (_context.Clock.GetElapsedTime(started) > Patience) throw new TimeoutException($"not within {Patience.TotalSeconds:0} s: {what}");
            await Task.Delay(Between, _context.Clock, cancellation).ConfigureAwait(false);
        }
    }
}
