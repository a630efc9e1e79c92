using Capstan.Workflows.Files;

namespace Capstan.Workflows.Planning;

/// <summary>Whether an event starts a workflow.</summary>
public static class TriggerMatch
{
    private static readonly string[] PullRequestDefaults = ["opened", "synchronize", "reopened"];

    /// <summary>Whether any trigger of the workflow lets the event pass.</summary>
    public static bool Starts(WorkflowFile file, WorkflowEvent happened) => file.On.Any(t => t.Event == happened.Name && Passes(t, happened));

    private static bool Passes(Trigger trigger, WorkflowEvent happened) => happened.Name switch
    {
        "push" => Ref(trigger, happened) && (happened.IsTag || Paths(trigger, happened)),
        "pull_request" or "pull_request_target" => Activity(trigger, happened, PullRequestDefaults) && Names(trigger, "branches", happened.BaseBranch) && Paths(trigger, happened),
        "workflow_run" => Activity(trigger, happened, ["requested", "completed"]) && Names(trigger, "branches", happened.BaseBranch)
            && (trigger.Filter("workflows") is not { Count: > 0 } workflows || RefGlob.Passes(workflows.Select(w => RefGlob.Parse(w.Text)), happened.Workflow)),
        _ => Activity(trigger, happened, []),
    };

    // Who filters tags only means tags only, and the other way round.
    private static bool Ref(Trigger trigger, WorkflowEvent happened)
    {
        var (kind, other) = happened.IsTag ? ("tags", "branches") : ("branches", "tags");
        bool Has(string name) => trigger.Filter(name).Count > 0 || trigger.Filter(name + "-ignore").Count > 0;
        return Has(kind) ? Names(trigger, kind, happened.RefName) : !Has(other);
    }

    private static bool Names(Trigger trigger, string filter, string name)
    {
        if (trigger.Filter(filter) is { Count: > 0 } wanted && !RefGlob.Passes(wanted.Select(p => RefGlob.Parse(p.Text)), name)) return false;
        return trigger.Filter(filter + "-ignore") is not { Count: > 0 } ignored || !RefGlob.Passes(ignored.Select(p => RefGlob.Parse(p.Text)), name);
    }

    private static bool Paths(Trigger trigger, WorkflowEvent happened)
    {
        if (happened.ChangedPaths is not { } changed) return true;
        if (trigger.Filter("paths") is { Count: > 0 } wanted)
        {
            var globs = wanted.Select(p => RefGlob.Parse(p.Text)).ToList();
            return changed.Any(path => RefGlob.Passes(globs, path));
        }

        if (trigger.Filter("paths-ignore") is not { Count: > 0 } ignored) return true;
        var ignoredGlobs = ignored.Select(p => RefGlob.Parse(p.Text)).ToList();
        return changed.Any(path => !RefGlob.Passes(ignoredGlobs, path));
    }

    private static bool Activity(Trigger trigger, WorkflowEvent happened, string[] defaults)
    {
        if (happened.Activity.Length == 0) return true;
        var types = trigger.Filter("types").Select(t => t.Text).ToArray();
        if (types.Length == 0) types = defaults;
        return types.Length == 0 || types.Contains(happened.Activity);
    }
}
