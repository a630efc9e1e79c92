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

    private static readonly string[] Planted =
        Environment.GetEnvironmentVariable("CAPSTAN_SEEDED_BUGS")?.Split(',', StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>Whether this program can have such bugs at all.</summary>
    [FeatureSwitchDefinition("Capstan.SeededBugs")]
    public static bool Possible => !AppContext.TryGetSwitch("Capstan.SeededBugs", out var possible) || possible;

    /// <summary>Whether one is in.</summary>
    public static bool Has(string name) => Possible && Planted.Length > 0 && Array.IndexOf(Planted, name) >= 0;
}
