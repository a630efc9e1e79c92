using Capstan.Faults.Tests.Checking;
using Capstan.Faults.Tests.Server;

namespace Capstan.Faults.Tests;

/// <summary>Negative controls: with a bug put in on purpose the same campaign must find it, and by the promise that the bug breaks.</summary>
public class SeededBugTests
{
    private const int MostKills = 8;

    [Theory]
    [InlineData("acknowledge-before-commit", Violation.Durable)]
    [InlineData("answer-push-before-refs", Violation.Durable)]
    [InlineData("prune-on-failed-render", Violation.PruneSafe)]
    [InlineData("forget-prune", Violation.Converges)]
    [InlineData("drop-one-watch-event", Violation.Converges)]
    [InlineData("write-every-time", Violation.Quiet)]
    [InlineData("lose-deletions", Violation.Durable)]
    [InlineData("commit-first-of-batch", Violation.Durable)]
    [InlineData("tear-rows", Violation.Restarts)]
    [InlineData("heal-nothing", Violation.Converges)]
    [InlineData("see-no-differences", Violation.Converges)]
    [InlineData("recreate-to-change", Violation.PruneSafe)]
    [InlineData("forget-pushes", Violation.Converges)]
    [InlineData("go-deaf-at-bad-application", Violation.Converges)]
    public async Task The_campaign_finds_a_seeded_bug(string bug, string promise)
    {
        var started = TimeProvider.System.GetTimestamp();
        await using var campaign = await Campaign.StartAsync(new CampaignOptions(3, Say)
        {
            SeededBug = bug,
            ShortestLoad = 1500,
            Converged = TimeSpan.FromSeconds(12),
            Program = ServerProgram.FindWithSeededBugs(),
        });
        var kills = 0;
        while (kills < MostKills && !campaign.Found.Any(v => v.Promise == promise))
        {
            await campaign.KillAtRandomAsync();
            kills++;
        }
        campaign.Summarize();
        Say($"{bug}: found after {kills} kills, {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.0} s");
        Assert.Contains(campaign.Found, v => v.Promise == promise);
    }

    private static void Say(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);
}
