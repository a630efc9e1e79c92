using Capstan.Expressions;
using Capstan.Workflows.Files;
using Capstan.Yaml;

namespace Capstan.Workflows.Linting.Rules;

/// <summary><c>matrix.NAME</c> that the job's matrix does not have.</summary>
internal static class MatrixRule
{
    public static void Check(LintContext lint)
    {
        foreach (var use in lint.Uses.Where(u => u.Job is not null && u.Key != "strategy"))
        {
            foreach (var chain in use.Chains().Where(c => c.Count > 1 && c[0].Equals("matrix", StringComparison.OrdinalIgnoreCase) && c[1] != "*"))
            {
                if (Names(use.Job!) is { } names && !names.Contains(chain[1]))
                {
                    lint.Error(use.Position, "matrix", names.Count == 0
                        ? $"the job '{use.Job!.Id}' has no matrix, so matrix.{chain[1]} is empty"
                        : $"the matrix of the job '{use.Job!.Id}' has no '{chain[1]}'; it has {Words.List(names)}");
                }
            }
        }
    }

    // Null when an expression makes it, so that nobody can tell before it runs.
    private static HashSet<string>? Names(Job job)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        if (job.Strategy is null) return names;
        if (job.Strategy.AsMap()?["matrix"] is not { } matrix) return job.Strategy is YamlMap ? names : null;
        if (matrix is not YamlMap map) return null;
        names.UnionWith(map.Keys.Where(k => k is not ("include" or "exclude")));
        if (map["include"] is not { } include) return names;
        if (include is not YamlList list || list.Any(i => i is not YamlMap)) return null;
        names.UnionWith(list.OfType<YamlMap>().SelectMany(m => m.Keys));
        return names.Any(TemplateText.HasExpression) ? null : names;
    }
}
