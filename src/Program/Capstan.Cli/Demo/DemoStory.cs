using Capstan.Api.Applications;
using Capstan.Api.Client;
using Capstan.Cli.Commands;
using Capstan.Cli.Hosting;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Sources.Processes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Cli.Demo;

/// <summary>The story that <c>capstan demo</c> tells: an application from nothing, a change, a drift, a revert.</summary>
internal sealed class DemoStory(CliContext context, IRunningServer server, string data, bool ask)
{
    private const string App = "shop";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly ObjectKey Web = new(new GroupKind("apps", "Deployment"), App, "web");

    public async Task<int> TellAsync(CancellationToken cancellation)
    {
        using var client = new CapstanClient(new ServerAddress(server.Url, server.Token));
        var sample = new SampleRepository(Path.Combine(data, "demo-" + App), new ProcessRunner(context.Clock), Show);
        Directory.CreateDirectory(sample.Folder);
        Show($"export CAPSTAN_SERVER={server.Url.ToString().TrimEnd('/')} CAPSTAN_DATA={data} KUBECONFIG={server.Kubeconfig}");

        await ChapterAsync("A repository with three services is pushed to Capstan's own Git host", cancellation).ConfigureAwait(false);
        Show($"cd {sample.Folder}");
        await sample.CreateAsync(Path.Combine(data, "token"), cancellation).ConfigureAwait(false);
        await sample.GitAsync(cancellation, "remote", "add", "origin", $"{server.Url.ToString().TrimEnd('/')}/git/{App}.git").ConfigureAwait(false);
        await sample.GitAsync(cancellation, "push", "--quiet", "origin", "main").ConfigureAwait(false);

        await ChapterAsync("An application follows it; creating it is a commit, too", cancellation).ConfigureAwait(false);
        Show($"capstan create app {App} --repo {App} --path deploy --dest-namespace {App} --sync-policy automated --auto-prune --self-heal --sync-option CreateNamespace=true");
        var wish = new CreateApplication(App, App, "deploy", Namespace: App, Automated: true, Prune: true, SelfHeal: true, SyncOptions: ["CreateNamespace=true"]);
        var commit = await client.CreateApplicationAsync(wish, cancellation).ConfigureAwait(false);
        context.Say($"    {commit.File} in commit {GetCommand.Short(commit.Commit)} of {commit.Repository}");
        await ConvergeAsync(client, sample, cancellation).ConfigureAwait(false);

        await ChapterAsync("A change: two web servers become three", cancellation).ConfigureAwait(false);
        await sample.ReplaceAsync("deploy/web.yaml", "replicas: 2", "replicas: 3", cancellation).ConfigureAwait(false);
        await sample.GitAsync(cancellation, "commit", "--quiet", "--all", "--message", "Serve with three").ConfigureAwait(false);
        await sample.GitAsync(cancellation, "push", "--quiet", "origin", "main").ConfigureAwait(false);
        await ConvergeAsync(client, sample, cancellation).ConfigureAwait(false);
        await ExpectReplicasAsync(3, cancellation).ConfigureAwait(false);

        await ChapterAsync("A drift: somebody deletes a Deployment, and it comes back", cancellation).ConfigureAwait(false);
        await DriftAsync(cancellation).ConfigureAwait(false);
        await ConvergeAsync(client, sample, cancellation).ConfigureAwait(false);

        await ChapterAsync("An undo: the commit is reverted, so the change is", cancellation).ConfigureAwait(false);
        await sample.GitAsync(cancellation, "revert", "--no-edit", "HEAD").ConfigureAwait(false);
        await sample.GitAsync(cancellation, "push", "--quiet", "origin", "main").ConfigureAwait(false);
        await ConvergeAsync(client, sample, cancellation).ConfigureAwait(false);
        await ExpectReplicasAsync(2, cancellation).ConfigureAwait(false);
        context.Say("");
        context.Say("That was the whole of it: Git says what should be, and the cluster is that.");
        return ExitCodes.Fine;
    }

    private void Show(string command) => context.Say($"  $ {command}");

    private async Task ChapterAsync(string title, CancellationToken cancellation)
    {
        if (ask)
        {
            await context.Error.WriteAsync("\n[Enter] ").ConfigureAwait(false);
            await context.In.ReadLineAsync(cancellation).ConfigureAwait(false);
        }
        context.Say("");
        context.Say($"== {title}");
    }

    private async Task ConvergeAsync(CapstanClient client, SampleRepository sample, CancellationToken cancellation)
    {
        var head = await sample.HeadAsync(cancellation).ConfigureAwait(false);
        Show($"capstan wait {App} --revision {GetCommand.Short(head)}");
        await UntilAsync($"application {App} is known", async () => (await client.ListApplicationsAsync(cancellation).ConfigureAwait(false)).Any(a => a.Name == App), cancellation).ConfigureAwait(false);
        var code = await new Wait(client, context, head).ForAsync(App, Patience, cancellation).ConfigureAwait(false);
        if (code != ExitCodes.Fine) throw new CommandException(code, $"application {App}: did not become what Git says");
    }

    private async Task DriftAsync(CancellationToken cancellation)
    {
        using var cluster = Cluster();
        var before = await cluster.FindAsync(Web, cancellation).ConfigureAwait(false) ?? throw new CommandException(ExitCodes.Difference, $"{Web}: is not there");
        Show($"kubectl delete deployment web --namespace {App}");
        await cluster.DeleteAsync(Web, new DeleteOptions { Propagation = DeletePropagation.Background }, cancellation).ConfigureAwait(false);
        var started = context.Clock.GetTimestamp();
        await UntilAsync($"{Web} is back", async () => await cluster.FindAsync(Web, cancellation).ConfigureAwait(false) is { } now && now.Uid != before.Uid, cancellation).ConfigureAwait(false);
        context.Say($"    back after {context.Clock.GetElapsedTime(started).TotalMilliseconds:0} ms");
    }

    private async Task ExpectReplicasAsync(int wanted, CancellationToken cancellation)
    {
        using var cluster = Cluster();
        var web = await cluster.FindAsync(Web, cancellation).ConfigureAwait(false);
        var replicas = web?.Spec["replicas"]?.ToString();
        context.Say($"    {Web}: spec.replicas is {replicas}");
        if (replicas != $"{wanted}") throw new CommandException(ExitCodes.Difference, $"{Web}: has {replicas} replicas and not {wanted}");
    }

    private ClusterClient Cluster() => new(ClusterConnection.FromKubeconfig(server.Kubeconfig), context.Clock, NullLogger.Instance);

    private async Task UntilAsync(string what, Func<Task<bool>> reached, CancellationToken cancellation)
    {
        var started = context.Clock.GetTimestamp();
        while (!await reached().ConfigureAwait(false))
        {
            if (context.Clock.GetElapsedTime(started) > Patience) throw new TimeoutException($"not within {Patience.TotalSeconds:0} s: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), context.Clock, cancellation).ConfigureAwait(false);
        }
    }
}
