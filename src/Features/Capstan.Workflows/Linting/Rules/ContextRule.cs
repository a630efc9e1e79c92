namespace Capstan.Workflows.Linting.Rules;

/// <summary>Names that a context never has.</summary>
internal static class ContextRule
{
    private static readonly Dictionary<string, string[]> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["github"] =
        [
            "action", "action_path", "action_ref", "action_repository", "action_status", "actor", "actor_id", "api_url", "base_ref", "env", "event", "event_name", "event_path",
            "graphql_url", "head_ref", "job", "job_workflow_sha", "output", "path", "ref", "ref_name", "ref_protected", "ref_type", "repository", "repository_id", "repository_owner", "repository_owner_id",
            "repositoryUrl", "retention_days", "run_attempt", "run_id", "run_number", "secret_source", "server_url", "sha", "state", "step_summary", "token", "triggering_actor",
            "workflow", "workflow_ref", "workflow_sha", "workspace",
        ],
        ["runner"] = ["arch", "debug", "environment", "name", "os", "temp", "tool_cache", "workspace"],
        ["job"] = ["check_run_id", "container", "services", "status", "workflow_ref", "workflow_sha", "workflow_repository", "workflow_file_path"],
        ["strategy"] = ["fail-fast", "job-index", "job-total", "max-parallel"],
    };

    public static void Check(LintContext lint)
    {
        foreach (var use in lint.Uses)
        {
            foreach (var chain in use.Chains().Where(c => c.Count > 1 && c[1] != "*"))
            {
                if (Names.TryGetValue(chain[0], out var names) && !names.Contains(chain[1], StringComparer.OrdinalIgnoreCase))
                {
                    lint.Error(use.Position, "expression", $"{chain[0]} has no '{chain[1]}'; it has {Words.List(names)}");
                }
            }
        }
    }
}
