using Capstan.Cel;
using Capstan.LocalCluster.ApiServer.Expressions;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.AdmissionPolicies;

/// <summary>What is wrong with a write in the eyes of a policy.</summary>
/// <param name="Message">In words.</param>
/// <param name="Reason">The reason of the refusal.</param>
internal sealed record PolicyFailure(string Message, string Reason);

/// <summary>The expressions of one ValidatingAdmissionPolicy.</summary>
internal sealed class AdmissionPolicy(YamlMap tree)
{
    public string Name => tree.Text("metadata", "name");

    public YamlMap Spec => tree.MapAt("spec");

    public bool FailsClosed => Spec.Text("failurePolicy") != "Ignore";

    /// <summary>What it finds wrong with a write.</summary>
    public IEnumerable<PolicyFailure> Evaluate(AdmissionVariables variables)
    {
        if (!MatchConditions.Hold(Spec, variables, ofPolicy: true, out var unclear)) yield break;
        if (unclear is not null)
        {
            if (FailsClosed) yield return new PolicyFailure(unclear, ApiReasons.Invalid);
            yield break;
        }

        variables.Composed = new PolicyVariables(Spec, variables);
        foreach (var validation in Spec.Maps("validations"))
        {
            var expression = validation.Text("expression");
            var (program, problem) = AdmissionExpressions.Compile(expression, ofPolicy: true);
            var result = program is null ? new CelFault($"compilation error: {problem}") : variables.Evaluate(program);
            if (ReferenceEquals(result, CelBool.False))
            {
                yield return new PolicyFailure(Message(validation, variables), validation.Text("reason") is { Length: > 0 } reason ? reason : ApiReasons.Invalid);
            }
            else if (result is not CelBool && FailsClosed)
            {
                var why = result is CelFault fault ? fault.Message : $"expected a bool and got {result.TypeName}";
                yield return new PolicyFailure($"expression '{expression.Trim()}' resulted in error: {why}", ApiReasons.Invalid);
            }
        }
    }

    /// <summary>What is wrong with a policy as it is written.</summary>
    public void Check(List<FieldProblem> problems)
    {
        MatchConditions.Check(Spec, "spec", ofPolicy: true, problems);
        if (Spec["matchConstraints"] is null) problems.Add(FieldProblem.Required("spec.matchConstraints"));
        var variables = Spec.Maps("variables").ToList();
        for (var i = 0; i < variables.Count; i++) MatchConditions.Expression(variables[i], "expression", $"spec.variables[{i}]", true, problems);
        var validations = Spec.Maps("validations").ToList();
        if (validations.Count == 0 && Spec["auditAnnotations"] is not YamlList { Count: > 0 })
        {
            problems.Add(FieldProblem.Required("spec.validations", "validations or auditAnnotations must be specified"));
        }

        for (var i = 0; i < validations.Count; i++)
        {
            MatchConditions.Expression(validations[i], "expression", $"spec.validations[{i}]", true, problems);
            if (validations[i]["messageExpression"] is not null) MatchConditions.Expression(validations[i], "messageExpression", $"spec.validations[{i}]", true, problems);
        }
    }

    private static string Message(YamlMap validation, AdmissionVariables variables)
    {
        var program = validation.Text("messageExpression") is { Length: > 0 } expression ? AdmissionExpressions.Compile(expression, ofPolicy: true).Program : null;
        return program is not null && variables.Evaluate(program) is CelString { Value: var made } && made.Trim() is { Length: > 0 } text && !text.Contains('\n', StringComparison.Ordinal) ? text
            : validation.Text("message").Trim() is { Length: > 0 } message ? message
            : $"failed expression: {validation.Text("expression").Trim()}";
    }
}

/// <summary>The variables of a policy: each is evaluated when it is first asked for, and may ask for those before it.</summary>
internal sealed class PolicyVariables(YamlMap spec, AdmissionVariables variables) : CelMap
{
    private readonly Dictionary<string, CelValue> _known = new(StringComparer.Ordinal);

    public override int Count => spec.Maps("variables").Count();

    public override IEnumerable<CelValue> Keys => spec.Maps("variables").Select(v => CelValue.Of(v.Text("name")));

    public override CelValue? Find(CelValue key)
    {
        if (key is not CelString { Value: var name } || spec.Maps("variables").FirstOrDefault(v => v.Text("name") == name) is not { } variable) return null;
        if (_known.TryGetValue(name, out var known)) return known;

        // Until it has a value it has none: one that asks for itself fails rather than runs for ever.
        _known[name] = new CelFault($"composited variable \"{name}\" fails to evaluate: it asks for itself");
        var (program, problem) = AdmissionExpressions.Compile(variable.Text("expression"), ofPolicy: true);
        return _known[name] = program is null ? new CelFault(problem ?? "") : variables.Evaluate(program);
    }
}
