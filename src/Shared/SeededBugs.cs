using System.Diagnostics.CodeAnalysis;

namespace Capstan.Faults;

/// <summary>
/// Bugs that are put in on purpose, to prove that the crash campaign finds such bugs (docs/reliability.md). This file is compiled into
/// each project that has one. The published program has none of them: its build fixes the switch to false, and the code behind it goes.
/// </summary>
internal static class SeededBugs
{
    /// <summary>The store answers a write and flushes it to the disk only with the next one.</summary>
    public const string AcknowledgeBeforeCommit = "acknowledge-before-commit";

    /// <summary>A push is answered while the branch still stands where it stood, and is moved a while later.</summary>
    public const string AnswerPushBeforeRefs = "answer-push-before-refs";

    /// <summary>The first deletion that a watch tells is not heard.</summary>
    public const string DropOneWatchEvent = "drop-one-watch-event";

    /// <summary>What is left of a source with broken files counts as all of it.</summary>
    public const string PruneOnFailedRender = "prune-on-failed-render";

    /// <summary>What left the source stays in the cluster, and nothing is said of it.</summary>
    public const string ForgetPrune = "forget-prune";

    /// <summary>The status of an Application is written at each reconcile, whether it changed or not.</summary>
    public const string WriteEveryTime = "write-every-time";

    /// <summary>Deletions are never written to the disk.</summary>
    public const string LoseDeletions = "lose-deletions";

    /// <summary>Of writes that share a commit only the first reaches the disk.</summary>
    public const string CommitFirstOfBatch = "commit-first-of-batch";

    /// <summary>Now and then only half of an object reaches the disk.</summary>
    public const string TearRows = "tear-rows";

    /// <summary>Drift is seen and told, and not undone.</summary>
    public const string HealNothing = "heal-nothing";

    /// <summary>An object that is there counts as what it should be, whatever it says.</summary>
    public const string SeeNoDifferences = "see-no-differences";

    /// <summary>What changes is deleted and made anew.</summary>
    public const string RecreateToChange = "recreate-to-change";

    /// <summary>A push tells nobody.</summary>
    public const string ForgetPushes = "forget-pushes";

    /// <summary>An Application that is malformed makes the engine deaf to all changes that follow.</summary>
    public const string GoDeaf = "go-deaf-at-bad-application";

    private static readonly string[] Planted =
        Environment.GetEnvironmentVariable("CAPSTAN_SEEDED_BUGS")?.Split(',', StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>Whether this program can have such bugs at all.</summary>
    [FeatureSwitchDefinition("Capstan.SeededBugs")]
    public static bool Possible => !AppContext.TryGetSwitch("Capstan.SeededBugs", out var possible) || possible;

    /// <summary>Whether one is in.</summary>
    public static bool Has(string name) => Possible && Planted.Length > 0 && Array.IndexOf(Planted, name) >= 0;
}
