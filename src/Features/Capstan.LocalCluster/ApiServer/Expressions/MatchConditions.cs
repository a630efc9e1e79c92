using Capstan.Cel;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Expressions;

/// <summary>The <c>matchConditions</c> of a webhook or a policy: all must hold for it to be asked.</summary>
internal static class MatchConditions
{
    /// <summary>Whether all conditions hold.</summary>
    /// <param name="tree">What has the conditions.</param>
    /// <param name="variables">What they may ask for.</param>
    /// <param name="ofPolicy">Whether a policy has them.</param>
    /// <param name="problem">Why it cannot be told; null when it can. One condition that does not hold decides, whatever the others are.</param>
    public static bool Hold(YamlMap tree, AdmissionVariables variables, bool ofPolicy, out string? problem)
    {
        problem = null;
        foreach (var condition in tree.Maps("matchConditions"))
        {
            var (program, unclear) = AdmissionExpressions.Compile(condition.Text("expression"), ofPolicy);
            var result = program is null ? new CelFault(unclear ?? "") : variables.Evaluate(program);
            if (ReferenceEquals(result, CelBool.False))
            {
                problem = null;
                return false;
            }

            if (result is not CelBool)
            {
                problem ??= result is CelFault fault ? $"expression '{condition.Text("expression")}' resulted in error: {fault.Message}"
                    : $"match condition '{condition.Text("name")}' gave a value of type {result.TypeName} where a bool was expected";
            }
        }

        return true;
    }

    /// <summary>What is wrong with conditions as they are written.</summary>
    public static void Check(YamlMap tree, string path, bool ofPolicy, List<FieldProblem> problems)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var conditions = tree.Maps("matchConditions").ToList();
        if (conditions.Count > 64) problems.Add(new FieldProblem("FieldValueTooMany", $"{path}.matchConditions", $"Too many: {conditions.Count}: must have at most 64 items"));
        for (var i = 0; i < conditions.Count; i++)
        {
            var (name, at) = (conditions[i].Text("name"), $"{path}.matchConditions[{i}]");
            if (name.Length == 0) problems.Add(FieldProblem.Required($"{at}.name"));
            else if (!names.Add(name)) problems.Add(FieldProblem.Duplicate($"{at}.name", name));
            Expression(conditions[i], "expression", at, ofPolicy, problems);
        }
    }

    /// <summary>What is wrong with an expression that must be there.</summary>
    public static void Expression(YamlMap tree, string field, string path, bool ofPolicy, List<FieldProblem> problems)
    {
        if (tree.Text(field).Trim().Length == 0)
        {
            problems.Add(FieldProblem.Required($"{path}.{field}"));
        }
        else if (AdmissionExpressions.Compile(tree.Text(field), ofPolicy).Problem is { } problem)
        {
            problems.Add(FieldProblem.Invalid($"{path}.{field}", tree[field], $"compilation failed: {problem}"));
        }
    }
}
