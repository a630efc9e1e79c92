namespace Capstan.Workflows.Linting.Rules;

/// <summary><c>inputs.NAME</c> that no event brings.</summary>
internal static class InputsRule
{
    public static void Check(LintContext lint)
    {
        var names = lint.File.On.SelectMany(t => t.Inputs).Select(i => i.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var use in lint.Uses)
        {
            foreach (var chain in use.Chains().Where(c => c.Count > 1 && c[0].Equals("inputs", StringComparison.OrdinalIgnoreCase) && c[1] != "*" && !names.Contains(c[1])))
            {
                lint.Error(use.Position, "inputs", $"no event of this workflow has an input '{chain[1]}'; there are {Words.List(names)}");
            }
        }
    }
}
