using System.Diagnostics;
using Capstan.EndToEnd.Fixtures;

namespace Capstan.EndToEnd;

public class DemoTests
{
    [Fact]
    public async Task The_demo_tells_its_whole_story_from_nothing_and_exits_0()
    {
        var started = Stopwatch.StartNew();
        var answer = (await Programs.RunAsync(await Programs.CapstanAsync(), ["demo", "--yes", "--exit"])).Expect(0);
        Assert.All(answer.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("shop Synced Healthy ", line, StringComparison.Ordinal));
        Assert.Contains("spec.replicas is 3", answer.Error, StringComparison.Ordinal);
        Assert.Contains("back after", answer.Error, StringComparison.Ordinal);
        Assert.Contains("spec.replicas is 2", answer.Error, StringComparison.Ordinal);
        Assert.True(started.Elapsed < TimeSpan.FromSeconds(30), $"took {started.Elapsed}");
    }

    [Fact]
    public async Task Two_demos_at_once_take_different_ports()
    {
        var program = await Programs.CapstanAsync();
        var answers = await Task.WhenAll(Programs.RunAsync(program, ["demo", "--yes", "--exit"]), Programs.RunAsync(program, ["demo", "--yes", "--exit"]));
        foreach (var answer in answers) answer.Expect(0);
    }
}
