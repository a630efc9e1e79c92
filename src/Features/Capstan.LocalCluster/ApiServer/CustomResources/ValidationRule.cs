using Capstan.Cel;
using Capstan.LocalCluster.ApiServer.Expressions;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.CustomResources;

/// <summary>One rule of <c>x-kubernetes-validations</c>, ready for use.</summary>
internal sealed class ValidationRule
{
    private readonly YamlMap _tree;
    private readonly CelProgram? _program;
    private readonly CelProgram? _message;

    /// <param name="tree">The rule.</param>
    /// <param name="schema">The schema of the value that it is about.</param>
    public ValidationRule(YamlMap tree, YamlMap schema)
    {
        _tree = tree;
        var shape = new SchemaShape(schema);
        var optional = tree.IsTrue("optionalOldSelf");
        var environment = new CelEnvironment([new CelVariable("self", shape), new CelVariable("oldSelf", optional ? null : shape)], QuantityFunctions.All);
        try
        {
            _program = environment.Compile(tree.Text("rule"));
            IsTransition = _program.Uses("oldSelf");
        }
        catch (CelException error)
        {
            Problem = error.Message;
        }

        try
        {
            _message = tree.Text("messageExpression") is { Length: > 0 } expression ? environment.Compile(expression) : null;
        }
        catch (CelException error)
        {
            MessageProblem = error.Message;
        }
    }

    /// <summary>Why the rule cannot be evaluated; null when it can.</summary>
    public string? Problem { get; }

    /// <summary>Why its message cannot be evaluated; null when it can or there is none.</summary>
    public string? MessageProblem { get; }

    /// <summary>Whether it compares with what was.</summary>
    public bool IsTransition { get; }

    private bool TakesNothingForOld => _tree.IsTrue("optionalOldSelf");

    private string Words => (_tree.Text("message") is { Length: > 0 } message ? message : _tree.Text("rule")).Trim();

    /// <summary>Evaluates the rule.</summary>
    /// <param name="self">The value.</param>
    /// <param name="old">What it was; null when it is new, or cannot be told from others.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="meter">Pays, for this rule and all others.</param>
    /// <param name="problems">Gets what is wrong.</param>
    /// <returns>False when no further rule may be evaluated.</returns>
    public bool Check(YamlNode self, YamlNode? old, YamlMap schema, string path, CelMeter meter, List<FieldProblem> problems)
    {
        if (_program is null)
        {
            problems.Add(FieldProblem.Invalid(path, schema.Text("type"), $"rule compile error: compilation failed: {Problem}"));
            return true;
        }

        // What did not change was accepted before; that it fails now is not the fault of this write.
        if (IsTransition && old is null && !TakesNothingForOld || !IsTransition && old is not null && old.Equals(self))
        {
            return true;
        }

        CelValue? Variable(string name) => name == "self" ? SchemaValues.Of(self, schema)
            : TakesNothingForOld ? old is null ? CelOptional.None : CelOptional.Some(SchemaValues.Of(old, schema))
            : SchemaValues.Of(old, schema);
        var spent = new CelMeter(CelMeter.OneRule, meter);
        switch (_program.Evaluate(Variable, spent))
        {
            case CelBool held:
                if (ReferenceEquals(held, CelBool.False)) problems.Add(Failed(path, schema, Message(Variable, meter)));
                return true;
            case CelFault when spent.IsEmpty || meter.IsEmpty:
                problems.Add(FieldProblem.Invalid(path, schema.Text("type"),
                    $"'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: {Words}"));
                return false;
            case CelFault fault when fault.Message.StartsWith("no such overload", StringComparison.Ordinal):
                problems.Add(FieldProblem.Invalid(path, schema.Text("type"),
                    $"'{fault.Message}': call arguments did not match a supported operator, function or macro signature for rule: {Words}"));
                return true;
            case CelFault fault:
                problems.Add(FieldProblem.Invalid(path, schema.Text("type"), $"{fault.Message} evaluating rule: {Words}"));
                return true;
            case var other:
                problems.Add(FieldProblem.Invalid(path, schema.Text("type"), $"the rule gave a value of type {other.TypeName} where a bool was expected: {Words}"));
                return true;
        }
    }

    private string Message(Func<string, CelValue?> variable, CelMeter meter)
    {
        // A message that cannot be made is no reason to let the write pass, nor to hide why it does not.
        if (_message?.Evaluate(variable, new CelMeter(CelMeter.OneRule, meter)) is CelString { Value: var text } && text.Trim() is { Length: > 0 } made && !made.Contains('\n', StringComparison.Ordinal))
        {
            return made;
        }

        return _tree.Text("message").Trim() is { Length: > 0 } message ? message : $"failed rule: {_tree.Text("rule").Trim()}";
    }

    private FieldProblem Failed(string path, YamlMap schema, string message)
    {
        var field = _tree.Text("fieldPath") is { Length: > 0 } below ? path.Length == 0 ? below.TrimStart('.') : path + below : path;
        return _tree.Text("reason") switch
        {
            "FieldValueForbidden" => FieldProblem.Forbidden(field, message),
            "FieldValueRequired" => FieldProblem.Required(field, message),
            "FieldValueDuplicate" => FieldProblem.Duplicate(field, schema.Text("type")),
            // Kubernetes tells the type in the place of the value.
            _ => FieldProblem.Invalid(field, schema.Text("type"), message),
        };
    }
}
