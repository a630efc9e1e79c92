using System.Globalization;
using Capstan.Workflows.Keeping;
using Capstan.Workflows.Planning;
using Capstan.Workflows.Runs;

namespace Capstan.Workflows.Tests.Keeping;

public sealed class RunRetentionTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Of_each_workflow_the_newest_that_ended_stay() =>
        Assert.Equal(["a3", "b2"], Gone(new RunRetention(Runs: 1), Run("b0", "b", phase: Phases.Running), Run("a1", "a"), Run("b1", "b"), Run("a2", "a", phase: Phases.Queued), Run("b2", "b"), Run("a3", "a")));

    [Fact]
    public void What_ended_too_long_ago_goes() => Assert.Equal(["old"], Gone(new RunRetention(Days: 30), Run("new", "a", days: 29), Run("old", "a", days: 31), Run("waits", "a", days: 99, phase: Phases.Waiting)));

    [Fact]
    public void Beyond_the_size_of_a_repositorys_artifacts_the_oldest_that_have_some_go() =>
        Assert.Equal(["third"], Gone(new RunRetention(Megabytes: 10), Run("first", "a", megabytes: 6), Run("second", "b", megabytes: 4), Run("none", "a"), Run("third", "a", megabytes: 1)));

    private static IEnumerable<string> Gone(RunRetention rules, params WorkflowRun[] runs) => rules.Superfluous(runs, Now).Select(r => r.Name).Order(StringComparer.Ordinal);

    private static WorkflowRun Run(string name, string path, int days = 0, long megabytes = 0, string phase = Phases.Completed) => new(name, path, path, 1, new WorkflowEvent("push", "shop", "refs/heads/main", "", "ada"), "")
    {
        Status = new RunStatus { Phase = phase, FinishedAt = (Now - TimeSpan.FromDays(days)).ToString("O", CultureInfo.InvariantCulture), Artifacts = megabytes == 0 ? [] : [new KeptArtifact("x", megabytes << 20, "")] },
    };
}
