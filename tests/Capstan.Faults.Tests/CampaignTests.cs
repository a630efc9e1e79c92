using System.Globalization;
using Capstan.Faults.Tests.Server;

namespace Capstan.Faults.Tests;

/// <summary>
/// The crash campaign. In small with fixed seeds; in full with CAPSTAN_TEST_FAULTS=full, where CAPSTAN_TEST_FAULTS_KILLS (each kind, default 100),
/// CAPSTAN_TEST_FAULTS_MINUTES (default 60) and CAPSTAN_TEST_FAULTS_SEED (default: drawn, and printed) set its size.
/// </summary>
public class CampaignTests
{
    private static readonly bool Full = Environment.GetEnvironmentVariable("CAPSTAN_TEST_FAULTS") == "full";

    private static int Kills => Setting("KILLS", Full ? 100 : 6);

    private static TimeSpan Limit => TimeSpan.FromMinutes(Setting("MINUTES", Full ? 60 : 20));

    [Fact]
    public async Task Killed_at_random_instants_it_keeps_every_promise() =>
        await RunAsync(Setting("SEED", Full ? Random.Shared.Next(1_000_000) : 1), campaign => campaign.KillAtRandomAsync());

    [Fact]
    public async Task Killed_at_the_Nth_write_it_keeps_every_promise()
    {
        if (await ServerProgram.WhyNoTracingAsync() is { } reason) Assert.Skip(reason);
        await RunAsync(Setting("SEED", Full ? Random.Shared.Next(1_000_000) : 2), campaign => campaign.KillAtWriteAsync());
    }

    [Fact]
    public async Task Killed_at_each_write_of_one_push_and_sync_it_keeps_every_promise()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-faults-counter-").FullName;
        try
        {
            var (counter, why) = await WriteCounter.BuildAsync(folder);
            if (counter is null) Assert.Skip(why);
            var (first, last) = (Setting("FIRST", 1), Full ? int.MaxValue : Setting("FIRST", 1) + Kills - 1);
            Say($"writes from {first}; replay one: CAPSTAN_TEST_FAULTS_FIRST=N CAPSTAN_TEST_FAULTS_KILLS=1 ./test Faults");
            var end = TimeProvider.System.GetUtcNow() + Limit;
            await using var campaign = await Campaign.StartAsync(new CampaignOptions(Setting("SEED", 4), Say));
            var (write, whole) = (first, false);
            while (write <= last && campaign.Found.Count == 0 && TimeProvider.System.GetUtcNow() < end && !whole)
            {
                if (await campaign.KillAtEveryWriteAsync(write, counter)) write++;
                else whole = true;
            }
            Say(whole ? $"one life has {write - 1} writes, and each was tried from {first} on" : $"stopped before write {write}");
            campaign.Summarize();
            Assert.Empty(campaign.Found);
            Assert.True(campaign.Hits > 0, "no kill came as planned, so that nothing was tried");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Killed_at_each_named_place_of_a_sync_it_keeps_every_promise()
    {
        string[] points =
        [
            "rendered:1", "before-record:1", "after-record:1", "before-apply:1", "before-apply:2", "after-apply:1", "after-apply:2",
            "before-prune:1", "after-prune:1", "before-finish:1", "after-finish:1", "before-status:1", "after-status:1",
        ];
        await using var campaign = await Campaign.StartAsync(new CampaignOptions(Setting("SEED", 5), Say) { Program = ServerProgram.FindWithSeededBugs() });
        foreach (var point in points)
        {
            await campaign.KillAtPointAsync(point);
            Assert.Empty(campaign.Found);
        }
        campaign.Summarize();
        Assert.Equal(points.Length, campaign.Hits);
    }

    private static async Task RunAsync(int seed, Func<Campaign, Task> kill)
    {
        Say($"seed {seed}; replay: CAPSTAN_TEST_FAULTS=full CAPSTAN_TEST_FAULTS_SEED={seed} CAPSTAN_TEST_FAULTS_KILLS={Kills} ./test Faults");
        var end = TimeProvider.System.GetUtcNow() + Limit;
        await using var campaign = await Campaign.StartAsync(new CampaignOptions(seed, Say));
        for (var i = 0; i < Kills && campaign.Found.Count == 0 && TimeProvider.System.GetUtcNow() < end; i++) await kill(campaign);
        campaign.Summarize();
        Assert.Empty(campaign.Found);
        Assert.True(campaign.Hits > 0, "no kill came as planned, so that nothing was tried");
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable("CAPSTAN_TEST_FAULTS_" + name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;

    private static void Say(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);
}
