using System.Runtime.CompilerServices;
using Capstan.LocalCluster.ApiServer.Expressions;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.CustomResources;

/// <summary>What is wrong with the rules that a definition brings: refused when it is written, rather than with the first object.</summary>
internal sealed class RuleChecks(List<FieldProblem> problems)
{
    private static readonly string[] Reasons = ["FieldValueRequired", "FieldValueInvalid", "FieldValueForbidden", "FieldValueDuplicate"];

    /// <param name="schema">The schema of one version.</param>
    /// <param name="path">Where it is in the definition.</param>
    public void Check(YamlMap schema, string path) => Walk(SchemaValues.Root(schema), path, correlatable: true);

    private void Walk(YamlNode? node, string path, bool correlatable)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (node is not YamlMap schema) return;
        var rules = schema["x-kubernetes-validations"] as YamlList ?? YamlList.Empty;
        for (var i = 0; i < rules.Count; i++)
        {
            if (rules[i] is YamlMap rule) One(rule, schema, $"{path}.x-kubernetes-validations[{i}]", correlatable);
        }

        foreach (var (name, property) in schema.MapAt("properties")) Walk(property, $"{path}.properties[{name}]", correlatable);
        Walk(schema["additionalProperties"], $"{path}.additionalProperties", correlatable);
        Walk(schema["items"], $"{path}.items", correlatable && schema.Text("x-kubernetes-list-type") == "map");
    }

    private void One(YamlMap tree, YamlMap schema, string path, bool correlatable)
    {
        if (tree.Text("rule").Trim().Length == 0)
        {
            problems.Add(FieldProblem.Required($"{path}.rule", "rule is not specified"));
            return;
        }

        var rule = new ValidationRule(tree, schema);
        if (rule.Problem is { } problem)
        {
            problems.Add(FieldProblem.InvalidText($"{path}.rule", Shown(tree), $"compilation failed: {problem}"));
        }

        if (rule.MessageProblem is { } unclear)
        {
            problems.Add(FieldProblem.InvalidText($"{path}.messageExpression", Shown(tree), $"messageExpression compilation failed: {unclear}"));
        }

        if (rule.IsTransition && !correlatable)
        {
            problems.Add(FieldProblem.Invalid($"{path}.rule", tree["rule"],
                "oldSelf cannot be used on the uncorrelatable portion of the schema within " + path[..path.IndexOf(".items", StringComparison.Ordinal)]));
        }

        if (tree.Text("message") is { Length: > 0 } message && message.Trim().Contains('\n', StringComparison.Ordinal))
        {
            problems.Add(FieldProblem.Invalid($"{path}.message", message, "message must not contain line breaks"));
        }

        if (tree["reason"] is { } reason && !Reasons.Contains(reason.AsString()))
        {
            problems.Add(FieldProblem.Unsupported($"{path}.reason", reason, Reasons));
        }

        if (tree.Text("fieldPath") is { Length: > 0 } field && !Leads(field, schema))
        {
            problems.Add(FieldProblem.Invalid($"{path}.fieldPath", field, "fieldPath must be a valid path"));
        }
    }

    // .spec.name, .labels['a.b']: fields that the schema knows.
    private static bool Leads(string path, YamlMap schema)
    {
        if (path[0] is not ('.' or '[')) return false;
        YamlMap? at = schema;
        foreach (var name in path.Split(['.', '[', ']'], StringSplitOptions.RemoveEmptyEntries).Select(p => p.Trim('\'')))
        {
            if (at is null) return false;
            at = at.At("properties", name) as YamlMap ?? at["additionalProperties"] as YamlMap
                ?? (path.Contains('\'', StringComparison.Ordinal) ? YamlMap.Of(("additionalProperties", YamlMap.Empty)) : null);
            if (at is null) return false;
        }

        return true;
    }

    // As Kubernetes shows a rule: its Go value.
    private static string Shown(YamlMap rule) =>
        $"apiextensions.ValidationRule{{Rule:{Quoted(rule, "rule")}, Message:{Quoted(rule, "message")}, MessageExpression:{Quoted(rule, "messageExpression")}, "
        + $"Reason:(*apiextensions.FieldValueErrorReason)(nil), FieldPath:{Quoted(rule, "fieldPath")}, OptionalOldSelf:(*bool)(nil)}}";

    private static string Quoted(YamlMap rule, string field) => YamlScalar.String(rule.Text(field)).ToString();
}
