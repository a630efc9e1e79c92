using Capstan.Delivery.Controllers;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Engine;

/// <summary>What can happen to a repository.</summary>
public sealed class SourceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string ConfigMap(string name, string value = "1") => $"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  k: \"{value}\"\n";

    private static string Said(YamlMap status) => status["conditions"] is YamlList { Count: > 0 } all
        ? string.Join('\n', all.OfType<YamlMap>().Select(c => $"{c["type"]!.AsString()}: {c["message"]!.AsString()}"))
        : "";

    [Fact]
    public async Task A_forced_push_is_followed_and_the_deleted_branch_is_named()
    {
        await using var ground = await Ground.StartAsync();
        var first = await ground.SyncedOnceAsync(("deploy/a.yaml", ConfigMap("a")));
        await ground.SyncedAsync(await ground.Git.CommitAsync("Second", ("deploy/b.yaml", ConfigMap("b"))));
        var forced = await ground.Git.ForcePushAsync(first, ("deploy/c.yaml", ConfigMap("c")));
        await ground.SyncedAsync(forced);
        await Ground.UntilAsync(async () => await ground.FindAsync("ConfigMap", "b") is null ? "gone" : null);
        Assert.NotNull(await ground.FindAsync("ConfigMap", "c"));

        await ground.Git.BranchAsync("main", null);
        var status = await ground.UntilAsync(s => s.At("sync", "status")?.AsString() == "Unknown");
        Assert.Contains("main", Said(status), StringComparison.Ordinal);
        Assert.NotNull(await ground.FindAsync("ConfigMap", "c"));
        Assert.Contains(await ground.Engine.Desk.WhyAsync(Ground.Shop, Cancel), e => e.What == "ComparisonError" && e.Next.Length > 0);
        await ground.Git.BranchAsync("main", forced);
        await ground.SyncedAsync(forced);
    }

    [Theory]
    [InlineData("https://git.capstan.test/shop.git", "nowhere", "main", "nowhere")]
    [InlineData("https://git.capstan.test/shop.git", "../up", "main", "../up")]
    [InlineData("https://git.capstan.test/shop.git", "deploy", "gone", "gone")]
    [InlineData("https://127.0.0.1/shop.git", "deploy", "main", "127.0.0.1")]
    [InlineData("file:///etc", "deploy", "main", "file:///etc")]
    [InlineData("ext::sh -c id", "deploy", "main", "ext::sh")]
    public async Task A_source_that_is_not_there_or_not_allowed_is_named(string repoUrl, string path, string revision, string said)
    {
        await using var ground = await Ground.StartAsync();
        await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", ConfigMap("a")));
        await ground.CreateApplicationAsync(path: path, repoUrl: repoUrl, revision: revision);
        var status = await ground.UntilAsync(s => Said(s).Length > 0);
        Assert.Contains(said, Said(status), StringComparison.Ordinal);
        Assert.Equal("Unknown", status.At("sync", "status")!.AsString());
    }

    [Fact]
    public async Task A_repository_elsewhere_is_polled_and_a_webhook_is_quicker()
    {
        await using var ground = await Ground.StartAsync();
        var url = new Uri(ground.Git.Bare).AbsoluteUri;
        await ground.StopEngineAsync();
        ground.StartEngine(new DeliveryOptions { RegisteredRepositories = [url], PollInterval = TimeSpan.FromSeconds(2) });
        ground.Git.Pushed = null;
        var first = await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", ConfigMap("a")));
        await ground.CreateApplicationAsync(repoUrl: url);
        await ground.SyncedAsync(first);
        await ground.SyncedAsync(await ground.Git.CommitAsync("Polled", ("deploy/a.yaml", ConfigMap("a", "2"))));

        await ground.StopEngineAsync();
        ground.StartEngine(new DeliveryOptions { RegisteredRepositories = [url], PollInterval = TimeSpan.FromHours(1) });
        await Ground.UntilAsync(() => Task.FromResult(ground.Engine.Desk.Get(Ground.Shop) is not null && ground.Engine.Desk.Tree(Ground.Shop).Count == 1 ? "" : null));
        ground.Git.Pushed = _ => ground.Engine.NotifyPush(url);
        await ground.SyncedAsync(await ground.Git.CommitAsync("Told", ("deploy/a.yaml", ConfigMap("a", "3"))));
    }

    [Theory]
    [InlineData("a: [1\nb: 2\n", "deploy/a.yaml:2:", "b: 2")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, name: b}\n", "deploy/a.yaml:3:", "metadata: {name: a, name: b}")]
    [InlineData("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {k: \"s3cr3t!\"}\n", "data[\"k\"] is not base64", "")]
    public async Task Bad_input_is_named_with_its_place_and_its_line_and_the_last_good_state_stays(string text, string said, string line)
    {
        await using var ground = await Ground.StartAsync();
        await ground.SyncedOnceAsync(("deploy/a.yaml", ConfigMap("a")));
        await ground.Git.CommitAsync("Break", ("deploy/a.yaml", text));
        var status = await ground.UntilAsync(s => s.At("sync", "status")?.AsString() == "Unknown");
        Assert.Contains(said, Said(status), StringComparison.Ordinal);
        Assert.Contains(line, Said(status), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t!", JsonText.Write(status), StringComparison.Ordinal);
        Assert.NotNull(await ground.FindAsync("ConfigMap", "a"));
        Assert.Contains(await ground.Engine.Desk.WhyAsync(Ground.Shop, Cancel), e => e.Cause.Contains(said, StringComparison.Ordinal) && e.Cause.Contains(line, StringComparison.Ordinal));
        await ground.SyncedAsync(await ground.Git.RevertAsync());
    }

    [Fact]
    public async Task Marks_that_others_wrote_into_the_cluster_steer_nothing()
    {
        await using var ground = await Ground.StartAsync();
        await ground.SyncedOnceAsync(("deploy/a.yaml", ConfigMap("a")));
        foreach (var (name, mark) in ((string, string)[])[("copied", "shop:/ConfigMap:shop/a"), ("broken", "shop:::///"), ("empty", ""), ("own", "shop:/ConfigMap:capstan/own")])
        {
            await ground.Client.CreateAsync(Make.ConfigMap(name, name == "own" ? "capstan" : "shop", tracking: mark), cancellation: Cancel);
        }

        await ground.SyncedAsync(await ground.Git.CommitAsync("Change", ("deploy/a.yaml", ConfigMap("a", "2"))));
        foreach (var name in (string[])["copied", "broken", "empty"])
        {
            Assert.NotNull(await ground.FindAsync("ConfigMap", name));
        }

        Assert.NotNull(await ground.FindAsync("ConfigMap", "own", "capstan"));
    }

    [Fact]
    public async Task With_allow_empty_a_source_that_went_empty_deletes_everything()
    {
        await using var ground = await Ground.StartAsync();
        await ground.SyncedOnceAsync(("deploy/a.yaml", ConfigMap("a")), ("deploy/README.md", "x"));
        await ground.PatchPolicyAsync("""{"automated":{"prune":true,"selfHeal":true,"allowEmpty":true},"syncOptions":["CreateNamespace=true"]}""");
        await ground.SyncedAsync(await ground.Git.CommitAsync("Empty", ("deploy/a.yaml", null)));
        await Ground.UntilAsync(async () => await ground.FindAsync("ConfigMap", "a") is null ? "gone" : null);
    }

    [Fact]
    public async Task An_object_that_is_in_the_source_twice_is_a_warning_and_is_synced_once()
    {
        await using var ground = await Ground.StartAsync();
        await ground.SyncedOnceAsync(("deploy/a.yaml", ConfigMap("a")), ("deploy/b.yaml", ConfigMap("a", "2")));
        var status = (await ground.ApplicationAsync()).Status;
        Assert.Contains("RepeatedResourceWarning: ConfigMap/shop/a is in the source twice, at deploy/a.yaml:1 and deploy/b.yaml:1", Said(status), StringComparison.Ordinal);
        Assert.Equal("2", (await ground.FindAsync("ConfigMap", "a"))!.Body.At("data", "k")!.AsString());
    }

    [Fact]
    public async Task Of_fifty_applications_of_one_repository_a_push_works_on_the_one_that_it_touches()
    {
        await using var ground = await Ground.StartAsync(new DeliveryOptions { PollInterval = TimeSpan.FromMinutes(10) });
        var numbers = Enumerable.Range(0, 50).ToList();
        await ground.Git.CommitAsync("Begin", [.. numbers.Select(n => ($"apps/{n}/a.yaml", (string?)ConfigMap($"a{n}")))]);
        foreach (var n in numbers)
        {
            await ground.CreateApplicationAsync(name: $"app-{n}", path: $"apps/{n}");
        }

        foreach (var n in numbers)
        {
            await ground.UntilAsync(s => s.At("sync", "status")?.AsString() == "Synced", $"app-{n}");
        }

        var metrics = ground.Engine.Metrics;
        var (rendered, compared, syncs, writes) = (ground.Engine.Renderings.Rendered, metrics.Comparisons, metrics.Syncs, metrics.Writes);
        Assert.Equal((50, 50, 50), (rendered, syncs, writes));
        var others = numbers.Where(n => n != 7).Select(n => $"app-{n}").ToList();
        var before = await VersionsAsync(ground, others);
        var second = await ground.Git.CommitAsync("One", ("apps/7/a.yaml", ConfigMap("a7", "2")));
        await ground.SyncedAsync(second, "app-7");
        foreach (var name in others)
        {
            await Ground.UntilAsync(async () => await Task.FromResult(ground.Engine.Desk.Get(ground.Key(name))!.Status.At("sync", "revision")?.AsString()) == second ? "" : null);
        }

        // Whoever follows one by name sees it in its object too; that is the only write.
        await foreach (var seen in ground.Engine.Desk.FollowAsync(ground.Key("app-3"), TestContext.Current.CancellationToken))
        {
            if ((await ground.ApplicationAsync("app-3")).Status.At("sync", "revision")?.AsString() == second)
            {
                break;
            }
        }

        Assert.Equal(["app-3"], others.Zip(before, await VersionsAsync(ground, others)).Where(v => v.Second != v.Third).Select(v => v.First));

        Assert.Equal((1, 1, 1), (ground.Engine.Renderings.Rendered - rendered, metrics.Syncs - syncs, metrics.Writes - writes));
        Assert.InRange(metrics.Comparisons - compared, 1, 3);
    }

    private static async Task<IReadOnlyList<string>> VersionsAsync(Ground ground, IEnumerable<string> names)
    {
        var versions = new List<string>();
        foreach (var name in names)
        {
            versions.Add((await ground.ApplicationAsync(name)).ResourceVersion);
        }

        return versions;
    }
}
