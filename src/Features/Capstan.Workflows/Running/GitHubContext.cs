using System.Globalization;
using Capstan.Expressions;

namespace Capstan.Workflows.Running;

/// <summary>The <c>github</c> context, and the variables that say the same to programs.</summary>
internal static class GitHubContext
{
    /// <summary>The context of a run.</summary>
    public static List<KeyValuePair<string, ExpressionValue>> Of(Runs.WorkflowRun run, string serverUrl)
    {
        var happened = run.Event;
        var owner = run.Repository.Contains('/', StringComparison.Ordinal) ? run.Repository.Split('/')[0] : "capstan";
        var pairs = new (string Name, string Value)[]
        {
            ("event_name", happened.Name), ("ref", happened.Ref), ("ref_name", happened.RefName), ("ref_type", happened.IsTag ? "tag" : "branch"), ("sha", happened.Sha),
            ("actor", happened.Actor), ("triggering_actor", happened.Actor), ("repository", run.Repository), ("repository_owner", owner), ("workflow", run.Workflow),
            ("workflow_ref", $"{run.Repository}/{run.Path}@{happened.Ref}"), ("workflow_sha", happened.Sha), ("run_id", run.Name),
            ("run_number", run.Number.ToString(CultureInfo.InvariantCulture)), ("run_attempt", run.Status.Attempt.ToString(CultureInfo.InvariantCulture)),
            ("server_url", serverUrl), ("api_url", $"{serverUrl}/api/v1"), ("head_ref", BranchOf(happened, "head")), ("base_ref", BranchOf(happened, "base")),
            ("repositoryUrl", $"{serverUrl}/git/{run.Repository}.git"), ("retention_days", "90"),
        };
        return [.. pairs.Select(p => new KeyValuePair<string, ExpressionValue>(p.Name, ExpressionValue.Of(p.Value))), new("event", happened.Payload)];
    }

    // Of pull requests alone; a run that was stored has nothing else of it than the event itself.
    private static string BranchOf(Planning.WorkflowEvent happened, string side) => happened.Name.StartsWith("pull_request", StringComparison.Ordinal)
        && happened.Payload.TryGet("pull_request", out var pull) && pull is ObjectValue asked && asked.TryGet(side, out var found) && found is ObjectValue of && of.TryGet("ref", out var name) ? name.Text : "";

    /// <summary>The variables of every step.</summary>
    public static Dictionary<string, string> Variables(IReadOnlyList<KeyValuePair<string, ExpressionValue>> context)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["CI"] = "true", ["GITHUB_ACTIONS"] = "true", ["CAPSTAN"] = "true" };
        foreach (var (name, value) in context.Where(c => c.Value.IsPrimitive && c.Key is not ("token" or "repositoryUrl"))) variables[$"GITHUB_{name.ToUpperInvariant()}"] = value.Text;
        return variables;
    }
}
