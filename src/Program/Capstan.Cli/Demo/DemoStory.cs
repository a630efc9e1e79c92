using Capstan.Cli.Hosting;
using Capstan.Sources.Processes;

namespace Capstan.Cli.Demo;

/// <summary>
/// The story that <c>capstan demo</c> tells: a push becomes an image, a release, and by commits alone what runs in dev, staging and production; what must not get there does
/// not; and undo is a revert.
/// </summary>
internal sealed class DemoStory(CliContext context, IRunningServer server, string data, bool ask)
{
    private const string First = "The shop, edition 1";
    private const string Second = "The shop, edition 2";

    public async Task<int> TellAsync(CancellationToken cancellation)
    {
        var (address, token) = (server.Url.ToString().TrimEnd('/'), Path.Combine(data, "token"));
        var shop = new SampleRepository(Path.Combine(data, "demo-shop"), token, new ProcessRunner(context.Clock), Show);
        using var stages = new DemoStages(context, server, Show);
        Show($"export CAPSTAN_SERVER={address} CAPSTAN_DATA={data} KUBECONFIG={server.Kubeconfig}");

        await ChapterAsync("A web service with its test, its Dockerfile and its environments is pushed: it is tested, built, signed and released", cancellation).ConfigureAwait(false);
        Show($"cd {shop.Folder}");
        await shop.CreateAsync(cancellation).ConfigureAwait(false);
        await shop.GitAsync(cancellation, "remote", "add", "origin", $"{address}/git/shop.git").ConfigureAwait(false);
        await shop.GitAsync(cancellation, "push", "--quiet", "origin", "main").ConfigureAwait(false);
        var release = await stages.ReleasedAsync(await shop.HeadAsync(cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);

        await ChapterAsync("A pipeline, which is a commit too, carries it to dev, and to staging when it is healthy there", cancellation).ConfigureAwait(false);
        var platform = new SampleRepository(Path.Combine(data, "demo-platform"), token, new ProcessRunner(context.Clock), Show);
        Show($"git clone {address}/git/platform.git; cd platform");
        await platform.CloneAsync($"{address}/git/platform.git", cancellation).ConfigureAwait(false);
        await platform.AddPipelineAsync(cancellation).ConfigureAwait(false);
        await platform.PushAsync("Deliver the shop", cancellation).ConfigureAwait(false);
        await stages.ArriveAsync("dev", release, First, cancellation).ConfigureAwait(false);
        await stages.ArriveAsync("staging", release, First, cancellation).ConfigureAwait(false);

        await ChapterAsync("Production waits for a person", cancellation).ConfigureAwait(false);
        await stages.ApproveAsync(release, "looked at it in staging", cancellation).ConfigureAwait(false);
        await stages.ArriveAsync("production", release, First, cancellation).ConfigureAwait(false);

        await ChapterAsync("A change whose test fails: no image is built", cancellation).ConfigureAwait(false);
        await shop.ReplaceAsync("page.http", First, "The shop", cancellation).ConfigureAwait(false);
        await shop.PushAsync("Forget the edition", cancellation).ConfigureAwait(false);
        await stages.FailedAsync(await shop.HeadAsync(cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        await shop.GitAsync(cancellation, "revert", "--no-edit", "HEAD").ConfigureAwait(false);

        await BadVersionAsync(shop, stages, cancellation).ConfigureAwait(false);

        await ChapterAsync("The next edition goes all the way", cancellation).ConfigureAwait(false);
        await shop.ReplaceAsync("page.http", First, Second, cancellation).ConfigureAwait(false);
        await shop.PushAsync("Print the second edition", cancellation).ConfigureAwait(false);
        await stages.PassAsync(await shop.HeadAsync(cancellation).ConfigureAwait(false), Second, cancellation).ConfigureAwait(false);

        await ChapterAsync("A drift: somebody deletes a Deployment, and it comes back", cancellation).ConfigureAwait(false);
        await stages.DriftAsync(cancellation).ConfigureAwait(false);

        await ChapterAsync("An undo: the commit is reverted, and the last good edition is back", cancellation).ConfigureAwait(false);
        await shop.GitAsync(cancellation, "revert", "--no-edit", "HEAD").ConfigureAwait(false);
        await shop.PushAsync(cancellation).ConfigureAwait(false);
        await stages.PassAsync(await shop.HeadAsync(cancellation).ConfigureAwait(false), First, cancellation).ConfigureAwait(false);

        await ChapterAsync("What runs in production, and how it got there", cancellation).ConfigureAwait(false);
        await stages.TraceAsync(cancellation).ConfigureAwait(false);
        context.Say("");
        context.Say("That was the whole of it: Git says what should be, and the cluster is that.");
        return ExitCodes.Fine;
    }

    private async Task BadVersionAsync(SampleRepository shop, DemoStages stages, CancellationToken cancellation)
    {
        if (!server.RunsContainers)
        {
            await shop.PushAsync(cancellation).ConfigureAwait(false);
            context.Say("");
            context.Say("   (With containers, a version that passes its test and answers with 503 would be stopped here by its probes: simulated pods have none.)");
            return;
        }

        await ChapterAsync("A bad version: its test passes, and its probes stop it in dev", cancellation).ConfigureAwait(false);
        await shop.ReplaceAsync("page.http", "HTTP/1.1 200 OK", "HTTP/1.1 503 Service Unavailable", cancellation).ConfigureAwait(false);
        await shop.PushAsync("Answer with 503", cancellation).ConfigureAwait(false);
        await stages.TakenBackAsync(await shop.HeadAsync(cancellation).ConfigureAwait(false), First, cancellation).ConfigureAwait(false);
        await shop.GitAsync(cancellation, "fetch", "--quiet", "origin").ConfigureAwait(false);
        foreach (var line in (await shop.GitAsync(cancellation, "log", "-1", "--format=%B", "origin/main").ConfigureAwait(false)).Split('\n').Where(l => l.Length > 0)) context.Say($"    {line}");
        await shop.GitAsync(cancellation, "revert", "--no-edit", "HEAD").ConfigureAwait(false);
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
}
