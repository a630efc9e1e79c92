using Capstan.Delivery.Pausing;
using Capstan.Delivery.Projects;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Engine;

/// <summary>Automation that people let rest, on a running engine.</summary>
public sealed class PauseTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string ConfigMap(string value) => $"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: \"{value}\"\n";

    private static bool Says(YamlMap status, string text) =>
        (status["conditions"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().Any(c => $"{c["type"]?.AsString()}: {c["message"]?.AsString()}".Contains(text, StringComparison.Ordinal));

    [Theory]
    [InlineData("Application", "shop", "on the Application: moving the database")]
    [InlineData("AppProject", "default", "on the project default: moving the database")]
    public async Task Automation_rests_and_says_why_until_it_is_let_go_on_and_a_person_may_sync_meanwhile(string kind, string name, string said)
    {
        await using var ground = await Ground.StartAsync();
        await ground.SyncedOnceAsync(("deploy/a.yaml", ConfigMap("1")));
        var place = new ObjectKey(new GroupKind(AppProject.Kind.Group, kind), "capstan", name);
        await ground.Engine.Desk.PauseAsync(place, new Pause("", "ann", "moving the database", TimeProvider.System.GetUtcNow().AddHours(1)), Cancel);
        await ground.UntilAsync(s => Says(s, "PausedWarning: automation is paused until ") && Says(s, " by ann " + said));
        var second = await ground.Git.CommitAsync("Change", ("deploy/a.yaml", ConfigMap("2")));
        await ground.UntilAsync(s => s.At("sync", "status")?.AsString() == "OutOfSync" && s.At("sync", "revision")?.AsString() == second);
        Assert.Contains(await ground.Engine.Desk.WhyAsync(Ground.Shop, Cancel), e => e.What == "PausedWarning" && e.Next.Contains("capstan resume", StringComparison.Ordinal));
        await ground.Engine.Desk.SyncAsync(Ground.Shop, "ann", null, null, Cancel);
        await ground.SyncedAsync(second);

        var third = await ground.Git.CommitAsync("Again", ("deploy/a.yaml", ConfigMap("3")));
        await ground.UntilAsync(s => s.At("sync", "status")?.AsString() == "OutOfSync" && s.At("sync", "revision")?.AsString() == third);
        await ground.Engine.Desk.PauseAsync(place, null, Cancel);
        await ground.SyncedAsync(third);
        await ground.UntilAsync(s => !Says(s, "PausedWarning"));
    }

    [Fact]
    public async Task A_pause_ends_by_itself()
    {
        await using var ground = await Ground.StartAsync();
        await ground.SyncedOnceAsync(("deploy/a.yaml", ConfigMap("1")));
        await ground.Engine.Desk.PauseAsync(
            new ObjectKey(Delivery.Applications.Application.Kind.GroupKind, "capstan", "shop"), new Pause("", "ann", "x", TimeProvider.System.GetUtcNow().AddSeconds(4)), Cancel);
        await ground.UntilAsync(s => Says(s, "PausedWarning"));
        await ground.SyncedAsync(await ground.Git.CommitAsync("Change", ("deploy/a.yaml", ConfigMap("2"))));
        await ground.UntilAsync(s => !Says(s, "PausedWarning"));
    }

    [Fact]
    public void A_pause_whose_end_cannot_be_read_lasts_until_it_is_removed()
    {
        var pause = Pause.Of(Make.ConfigMap("a").WithAnnotation(Pause.UntilAnnotation, "tomorrow"), "Application");
        Assert.True(pause!.IsOn(DateTimeOffset.MaxValue));
        Assert.Contains("is no time, so until it is removed", pause.Message, StringComparison.Ordinal);
    }
}
