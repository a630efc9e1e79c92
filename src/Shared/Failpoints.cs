using System.Diagnostics;

namespace Capstan.Faults;

/// <summary>
/// Places at which the crash campaign may end the process (docs/reliability.md): each lies before or after a step that lasts. This file is compiled
/// into each project that has one. The published program has none of them: its build fixes the switch to false, and the code behind it goes.
/// </summary>
internal static class Failpoints
{
    /// <summary>An Application was rendered, and not compared yet.</summary>
    public const string Rendered = "rendered";

    /// <summary>An operation is about to be written into its Application.</summary>
    public const string BeforeRecord = "before-record";

    /// <summary>An operation was written into its Application, and nothing into the cluster.</summary>
    public const string AfterRecord = "after-record";

    /// <summary>An object is about to be applied.</summary>
    public const string BeforeApply = "before-apply";

    /// <summary>An object was applied, and nobody was told.</summary>
    public const string AfterApply = "after-apply";

    /// <summary>An object that left the source is about to be deleted.</summary>
    public const string BeforePrune = "before-prune";

    /// <summary>An object that left the source was deleted, and nobody was told.</summary>
    public const string AfterPrune = "after-prune";

    /// <summary>Everything was applied, and the operation has not come to its end.</summary>
    public const string BeforeFinish = "before-finish";

    /// <summary>An operation is over and in the history, and neither is written.</summary>
    public const string AfterFinish = "after-finish";

    /// <summary>A status is about to be written.</summary>
    public const string BeforeStatus = "before-status";

    /// <summary>A status was written.</summary>
    public const string AfterStatus = "after-status";

    // NAME:N dies when NAME is reached the Nth time.
    private static readonly string[] Armed = Environment.GetEnvironmentVariable("CAPSTAN_FAILPOINT")?.Split(':', 2) ?? [];
    private static int _left = Armed.Length == 2 && int.TryParse(Armed[1], out var times) ? times : 1;

    /// <summary>Ends the process here as <c>kill -9</c> does, if it is so armed.</summary>
    public static void Reach(string name)
    {
        if (!SeededBugs.Possible || Armed.Length == 0 || Armed[0] != name || Interlocked.Decrement(ref _left) != 0)
        {
            return;
        }

        using var self = Process.GetCurrentProcess();
        self.Kill();
    }
}
