using Capstan.EndToEnd.Fixtures;

namespace Capstan.EndToEnd;

/// <summary>From a commit to production, with nothing between the parts but commits and digests: a real program, real git, a cluster whose pods are simulated.</summary>
public sealed class LineTests
{
    [Fact]
    public async Task A_push_is_tested_built_released_and_carried_to_production()
    {
        await using var server = await LiveServer.StartAsync("--allow-host-jobs", "shop");
        using var line = await ShopLine.PushAsync(server);
        await line.ProvenAsync("staging", 1);
        var first = (await line.ReleasesAsync())[0];
        Assert.Equal([$"dev {first}", $"staging {first}"], await line.PromotionsAsync());
        await Eventually.BecomesAsync("production waits", async () => (await line.StageAsync("production"))["message"]?.AsString()?.Contains("waits for 1 approval", StringComparison.Ordinal) == true);
        (await server.CapstanAsync("approve", "shop", "--to", "production", "--reason", "looked at it")).Expect(0);
        await line.ProvenAsync("production", 1);

        // What runs in production is the very image that the run built.
        var image = (await server.KubectlAsync("get", "pods", "-n", "shop-production", "-o", "jsonpath={.items[0].spec.containers[0].image}")).Expect(0).Out;
        Assert.Matches($"^{new Uri(server.Url).Authority}/shop@sha256:[0-9a-f]{{64}}$", image);
        var commit = (await line.Copy.GitAsync("rev-parse", "HEAD"));
        Assert.Contains("# written by promotions", await line.Copy.GitAsync("show", "origin/main:environments/production/kustomization.yaml"), StringComparison.Ordinal);

        // The chain is told from each of its ends.
        var pod = (await server.KubectlAsync("get", "pods", "-n", "shop-production", "-o", "jsonpath={.items[0].metadata.name}")).Expect(0).Out;
        foreach (var subject in new[] { $"shop-production/{pod}", image, commit, commit[..8] })
        {
            var told = (await server.CapstanAsync("trace", subject)).Expect(0).Out;
            foreach (var part in new[] { $"release {first}", $"commit   {commit[..10]} of shop by admin: Open the shop", "check    test: success", "check    image: success", "tests    1 passed, 0 failed, 1 skipped", $"pod shop-production/{pod}: Running", "approved by admin: looked at it" })
            {
                Assert.Contains(part, told, StringComparison.Ordinal);
            }
        }

        (await server.CapstanAsync("trace", "nowhere/nothing")).Expect(4);

        // A release never changes.
        var refused = await server.KubectlAsync("patch", "releases.capstan.dev", first, "-n", "capstan", "--type", "merge", "-p", "{\"spec\":{\"commit\":\"0000000000000000000000000000000000000000\"}}");
        Assert.NotEqual(0, refused.Code);
        Assert.Contains("a release never changes", refused.Error, StringComparison.Ordinal);

        // A failing test stops before the image.
        var failing = await line.ChangeAsync("no such word");
        await Eventually.BecomesAsync("the run failed", async () => (await server.CapstanAsync("get", "runs", "-o", "json")).Out is { } runs && runs.Contains(failing, StringComparison.Ordinal) && runs.Contains("\"failure\"", StringComparison.Ordinal));
        Assert.Single(await line.ReleasesAsync());

        // The next good one goes on; what promotions write starts no run.
        await line.ChangeAsync("second edition");
        await line.ProvenAsync("staging", 2);
        var second = (await line.ReleasesAsync())[1];
        Assert.Equal([$"dev {first}", $"staging {first}", $"production {first}", $"dev {second}", $"staging {second}"], await line.PromotionsAsync());
        Assert.Equal(3, (await server.CapstanAsync("get", "runs", "-o", "name")).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task A_release_that_turns_bad_in_its_first_stage_is_taken_back_by_a_commit_and_goes_nowhere_else()
    {
        await using var server = await LiveServer.StartAsync("--allow-host-jobs", "shop");
        using var line = await ShopLine.PushAsync(server);
        await line.ProvenAsync("staging", 1);
        var good = (await line.ReleasesAsync())[0];

        // A room for one pod alone: the next version cannot start beside it.
        (await server.KubectlAsync("create", "quota", "one", "-n", "shop-dev", "--hard=pods=1")).Expect(0);
        await line.ChangeAsync("bad edition");
        await Eventually.BecomesAsync("it is taken back", async () => (await line.PromotionsAsync()).Count == 4, TimeSpan.FromSeconds(60));
        var bad = (await line.ReleasesAsync())[1];
        Assert.Equal([$"dev {good}", $"staging {good}", $"dev {bad}", $"dev {good} {bad}"], await line.PromotionsAsync());
        var message = await line.Copy.GitAsync("log", "-1", "--format=%B", "origin/main");
        Assert.Contains($"Revert \"Promote {bad} to dev\"", message, StringComparison.Ordinal);
        Assert.Contains("This reverts commit ", message, StringComparison.Ordinal);
        Assert.Matches("Application/capstan/shop-dev at [0-9a-f]{8} is Degraded", message);
        Assert.Contains($"(quarantined in dev: Application/capstan/shop-dev", (await server.CapstanAsync("trace", bad.Split('-')[^1])).Expect(0).Out, StringComparison.Ordinal);

        // With the cause gone, the next push goes through all the same.
        (await server.KubectlAsync("delete", "quota", "one", "-n", "shop-dev")).Expect(0);
        await line.ChangeAsync("third edition");
        await line.ProvenAsync("staging", 3);
        Assert.DoesNotContain(await line.PromotionsAsync(), p => p.StartsWith($"staging {bad}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Killed_at_each_step_it_goes_on_and_writes_no_commit_twice()
    {
        await using var server = await LiveServer.StartAsync("--allow-host-jobs", "shop");
        using var line = await ShopLine.PushAsync(server);
        (string What, Func<Task<bool>> Reached)[] steps =
        [
            ("a run is under way or over", async () => (await server.CapstanAsync("get", "runs", "-o", "name")).Out.Length > 0),
            ("there is a release", async () => (await line.ReleasesAsync()).Count > 0),
            ("it is committed to dev", async () => (await line.PromotionsAsync()).Count > 0),
            ("it is proven in dev", async () => (await line.StageAsync("dev"))["proven"] is not null),
            ("it is committed to staging", async () => (await line.PromotionsAsync()).Count > 1),
        ];
        foreach (var (what, reached) in steps)
        {
            await Eventually.BecomesAsync(what, async () =>
            {
                // A run whose job was lost is run again, by hand as its log says.
                foreach (var run in await line.LostRunsAsync()) await server.CapstanAsync("run", run, "--again");
                return await reached();
            }, TimeSpan.FromSeconds(60));
            await server.KillAsync();
            await server.UpAsync();
        }

        await line.ProvenAsync("staging", 1);
        (await server.CapstanAsync("approve", "shop", "--to", "production")).Expect(0);
        await server.KillAsync();
        await server.UpAsync();
        await line.ProvenAsync("production", 1);
        var release = (await line.ReleasesAsync())[0];
        Assert.Equal([$"dev {release}", $"staging {release}", $"production {release}"], await line.PromotionsAsync());
    }
}
