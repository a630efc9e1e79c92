using Capstan.EndToEnd.Fixtures;

namespace Capstan.EndToEnd;

public class DemoTests
{
    [Fact]
    public async Task The_demo_tells_its_whole_story_from_nothing_and_exits_0()
    {
        var answer = (await Programs.RunAsync(await Programs.CapstanAsync(), ["demo", "--simulate", "--yes", "--exit"])).Expect(0);
        foreach (var told in new[] { "test success, image success", "production: shop-ci-1-", "waits for 1 approval: capstan approve shop --to production", "the page does not tell its edition", "back after", "approved by admin: seen in staging" })
        {
            Assert.Contains(told, answer.Error, StringComparison.Ordinal);
        }

        // Three releases, each through three stages.
        Assert.Equal(["dev", "staging", "production", "dev", "staging", "production", "dev", "staging", "production"], answer.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ')[0]));
    }

    [Fact]
    public async Task With_containers_every_version_is_served_and_a_bad_one_is_stopped_by_its_probes()
    {
        Assert.SkipUnless(Environment.UserName == "root" && File.Exists("/usr/bin/podman"), "podman is not installed; ./test installs it when it is root on Debian");
        var answer = await Programs.RunAsync(await Programs.CapstanAsync(), ["demo", "--yes", "--exit"], environment: new Dictionary<string, string> { ["DOCKER_HOST"] = "" }, limit: TimeSpan.FromMinutes(4));
        answer.Expect(0);
        Assert.Contains("its pods are containers of podman", answer.Error, StringComparison.Ordinal);
        Assert.Equal(["edition 1", "edition 1", "edition 1", "edition 1", "edition 2", "edition 2", "edition 2", "edition 1", "edition 1", "edition 1"],
            answer.Error.Split('\n').Where(l => l.Contains(" says: The shop, ", StringComparison.Ordinal)).Select(l => l[(l.LastIndexOf(", ", StringComparison.Ordinal) + 2)..].Trim()));
        Assert.Matches("Application/capstan/shop-dev at [0-9a-f]{8} is Degraded: Deployment/shop-dev/web: ", answer.Error);
        Assert.Contains("    Capstan-Reverted-Release: shop-ci-3-", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_demos_at_once_take_different_ports()
    {
        var program = await Programs.CapstanAsync();
        var answers = await Task.WhenAll(Programs.RunAsync(program, ["demo", "--simulate", "--yes", "--exit"]), Programs.RunAsync(program, ["demo", "--simulate", "--yes", "--exit"]));
        foreach (var answer in answers) answer.Expect(0);
    }
}
