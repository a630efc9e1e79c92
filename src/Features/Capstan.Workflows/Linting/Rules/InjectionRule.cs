namespace Capstan.Workflows.Linting.Rules;

/// <summary>Texts that strangers write, pasted into a script: who opens an issue could run commands.</summary>
internal static class InjectionRule
{
    // What anybody may choose who can open an issue, comment, or push a branch of that name.
    private static readonly string[][] Untrusted =
    [
        .. new[]
        {
            "head_ref", "event.issue.title", "event.issue.body", "event.pull_request.title", "event.pull_request.body", "event.pull_request.head.ref",
            "event.pull_request.head.label", "event.pull_request.head.repo.default_branch", "event.comment.body", "event.review.body", "event.review_comment.body",
            "event.discussion.title", "event.discussion.body", "event.pages.*.page_name", "event.commits.*.message", "event.commits.*.author.email",
            "event.commits.*.author.name", "event.head_commit.message", "event.head_commit.author.email", "event.head_commit.author.name",
            "event.workflow_run.head_branch", "event.workflow_run.head_commit.message", "event.workflow_run.head_commit.author.email", "event.workflow_run.head_commit.author.name",
        }.Select(p => p.Split('.')),
    ];

    public static void Check(LintContext lint)
    {
        foreach (var use in lint.Uses.Where(u => u.Key is "run" or "with.script"))
        {
            foreach (var chain in use.Chains().Where(c => c[0].Equals("github", StringComparison.OrdinalIgnoreCase)))
            {
                if (!Untrusted.Any(path => Matches(path, chain))) continue;
                var name = string.Join('.', chain);
                lint.Warn(use.Position, "injection", $"{name} may hold anything that a stranger writes, and is pasted into the script before it runs; hand it over in env and use the variable, quoted");
            }
        }
    }

    private static bool Matches(string[] path, IReadOnlyList<string> chain)
    {
        if (chain.Count < path.Length + 1) return false;
        for (var i = 0; i < path.Length; i++)
        {
            if (path[i] != "*" && !path[i].Equals(chain[i + 1], StringComparison.OrdinalIgnoreCase)) return false;
        }

        return true;
    }
}
