using System.Runtime.CompilerServices;

namespace Capstan.GoTemplates;

/// <summary>One template being executed: what a function can ask of its surroundings.</summary>
public sealed class TemplateCall
{
    /// <summary>Templates within templates, as in Go.</summary>
    internal const int MaxDepth = 100_000;

    private readonly Template _template;
    private Node? _node;

    internal TemplateCall(TemplateSet set, Template template, TemplateRun run, OutputBuffer output, object? data, int depth)
    {
        Set = set;
        _template = template;
        Run = run;
        Output = output;
        Depth = depth;
        Variables = new object?[template.VariableCount];
        Variables[0] = data;
    }

    /// <summary>The templates that can be called by name.</summary>
    public TemplateSet Set { get; }

    /// <summary>What the host passed to <see cref="TemplateSet.Execute"/>.</summary>
    public object? Host => Run.Host;

    /// <summary>What is left of time, output and memory.</summary>
    public TemplateBudget Budget => Run.Budget;

    internal TemplateRun Run { get; }

    internal OutputBuffer Output { get; }

    internal object?[] Variables { get; }

    internal int Depth { get; }

    // Whether the elements of the innermost range are interfaces; only messages need it.
    internal bool ElementsAreInterfaces { get; set; }

    /// <summary>Executes a template of the set and gives its output.</summary>
    /// <exception cref="TemplateException">There is no such template, or it fails.</exception>
    public string Include(string name, object? data) => Set.ExecuteNested(name, data, Run);

    /// <summary>Parses a text, executes it and gives its output. What it defines is known only to itself.</summary>
    /// <exception cref="TemplateException">The text does not parse, or fails.</exception>
    public TemplateSet Overlay(string text) => Set.Overlay(text);

    internal void At(Node node) => _node = node;

    internal void Enter(Template template, object? data)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var inner = new TemplateCall(Set, template, Run, Output, data, Depth + 1);
        template.Root.Execute(inner, data);
    }

    /// <summary>An error at the node that is being evaluated.</summary>
    internal TemplateException Fail(string message, Exception? wrapped = null)
    {
        if (_node is null)
        {
            return new TemplateException($"template: {_template.Name}: {message}", wrapped);
        }

        var (line, column) = _node.Source.Locate(_node.Position);
        var expression = _node.ToString();
        return new TemplateException(
            $"template: {_node.Source.Name}:{line}:{column}: executing {GoQuote.Quote(_template.Name)} at <{expression}>: {message}",
            wrapped,
            new TemplatePlace(_node.Source.Name, line, column, _node.Source.LineAt(_node.Position), expression));
    }

    /// <summary>The value as an argument of a type.</summary>
    internal object? Validate(object? value, GoType? type)
    {
        if (ReferenceEquals(type, GoType.Any))
        {
            return value is NoValue ? null : value;
        }

        if (type is null || ReferenceEquals(type, GoType.Reflected))
        {
            return value;
        }

        if (value is NoValue)
        {
            return type.CanBeNil ? null : throw Fail($"invalid value; expected {type}");
        }

        var actual = GoType.Of(value);
        if (value is not null && (actual.AssignableTo(type) || (actual.Kind == GoKind.Pointer && actual.Element!.AssignableTo(type))))
        {
            return value;
        }

        throw Fail($"wrong type for value; expected {type}; got {actual}");
    }

    /// <summary>Calls a function or method.</summary>
    /// <param name="function">The function.</param>
    /// <param name="dot">The value of <c>.</c>.</param>
    /// <param name="node">What messages point to when the function fails.</param>
    /// <param name="words">The function's name and its arguments; empty when there are none.</param>
    /// <param name="final">The last argument from the pipeline.</param>
    internal object? Invoke(GoFunction function, object? dot, Node node, OperandNode[] words, object? final)
    {
        var given = Math.Max(words.Length - 1, 0);
        var hasFinal = !ReferenceEquals(final, NoValue.Missing);
        var count = given + (hasFinal ? 1 : 0);
        CheckCount(function, given, count);
        if (function.StopsAt is { } stop)
        {
            return Decide(dot, stop, words, final, hasFinal);
        }

        var arguments = count == 0 ? [] : new object?[count];
        for (var i = 0; i < given; i++)
        {
            arguments[i] = words[i + 1].EvaluateArgument(this, dot, function.ParameterAt(i));
        }

        if (hasFinal)
        {
            arguments[given] = Validate(final, function.ParameterAt(function.Variadic ? given : function.ParameterCount - 1));
        }

        return Call(function, node, arguments);
    }

    private object? Call(GoFunction function, Node node, object?[] arguments)
    {
        try
        {
            Run.Budget.CallFunction();
            var result = function.Body(this, arguments);
            if (result is string { Length: > 1024 } text)
            {
                Run.Budget.Charge(text.Length);
            }

            return result;
        }
        catch (GoException error)
        {
            At(node);
            throw Fail($"error calling {function.Name}: {error.Message}", error);
        }
        catch (Exception error) when (error is ArgumentException or IndexOutOfRangeException or InvalidCastException or OverflowException
            or DivideByZeroException or FormatException or NullReferenceException or InvalidOperationException)
        {
            // Where Go's function would panic, its text ends in an error all the same.
            At(node);
            throw Fail($"error calling {function.Name}: {error.Message}", error);
        }
    }

    private object? Decide(object? dot, bool stop, OperandNode[] words, object? final, bool hasFinal)
    {
        object? value = null;
        for (var i = 1; i < words.Length; i++)
        {
            value = words[i].EvaluateArgument(this, dot, GoType.Reflected);
            if (GoValues.IsTrue(value) == stop)
            {
                return value;
            }
        }

        return hasFinal ? final : value;
    }

    private void CheckCount(GoFunction function, int given, int count)
    {
        if (function.Variadic)
        {
            if (count < function.ParameterCount - 1)
            {
                throw Fail($"wrong number of args for {function.Name}: want at least {function.ParameterCount - 1} got {given}");
            }
        }
        else if (count != function.ParameterCount)
        {
            throw Fail($"wrong number of args for {function.Name}: want {function.ParameterCount} got {count}");
        }
    }
}

/// <summary>What all calls of one execution share.</summary>
internal sealed class TemplateRun(TemplateBudget budget, object? host, TemplateTrace? trace)
{
    private readonly Stack<OutputBuffer> _free = new();

    public TemplateBudget Budget { get; } = budget;

    public object? Host { get; } = host;

    public TemplateTrace? Trace { get; } = trace;

    public OutputBuffer Rent() => _free.TryPop(out var buffer) ? buffer : new OutputBuffer(Budget) { Pieces = Trace is null ? null : [] };

    // A buffer that an error kept from coming back is simply left to the collector.
    public string Return(OutputBuffer buffer)
    {
        var text = buffer.Take();
        if (Trace is not null)
        {
            Trace.Finish(text, buffer.Pieces!);
            buffer.Pieces!.Clear();
        }

        _free.Push(buffer);
        return text;
    }
}
