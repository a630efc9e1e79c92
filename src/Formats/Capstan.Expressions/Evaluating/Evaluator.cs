namespace Capstan.Expressions.Evaluating;

/// <summary>Evaluates one expression once. The tree's depth, bounded by the parser, bounds the recursion.</summary>
internal sealed class Evaluator(Expression expression, ExpressionLanguage language, EvaluationContext context)
{
    private int _characters;

    public ExpressionValue Evaluate() => Evaluate(expression.Root);

    private ExpressionValue Evaluate(ExpressionNode node) => node switch
    {
        LiteralNode literal => literal.Value,
        ContextNode named => context.Context(named.Name),
        NotNode not => ExpressionValue.Of(!Evaluate(not.Operand).IsTruthy),
        ComparisonNode comparison => ExpressionValue.Of(Compare(comparison)),
        LogicalNode logical => Decide(logical),
        IndexNode index => Look(index),
        CallNode call => Call(call),
        _ => throw new InvalidOperationException($"{node.GetType().Name} has no value"),
    };

    private bool Compare(ComparisonNode node)
    {
        var (left, right) = (Evaluate(node.Left), Evaluate(node.Right));
        return node.Operator switch
        {
            ComparisonOperator.Equal => Comparison.AreEqual(left, right),
            ComparisonOperator.NotEqual => !Comparison.AreEqual(left, right),
            ComparisonOperator.Greater => Comparison.IsGreater(left, right),
            ComparisonOperator.GreaterOrEqual => Comparison.AreEqual(left, right) || Comparison.IsGreater(left, right),
            ComparisonOperator.Less => Comparison.IsLess(left, right),
            _ => Comparison.AreEqual(left, right) || Comparison.IsLess(left, right),
        };
    }

    private ExpressionValue Decide(LogicalNode node)
    {
        var value = ExpressionValue.Null;
        foreach (var operand in node.Operands)
        {
            value = Evaluate(operand);
            if (value.IsTruthy != node.IsAnd) break;
        }

        return value;
    }

    private ExpressionValue Look(IndexNode node)
    {
        var target = Evaluate(node.Target);
        return node.Index is null ? Filtering.Star(target) : Filtering.At(target, Evaluate(node.Index));
    }

    private ExpressionValue Call(CallNode node)
    {
        context.Cancellation.ThrowIfCancellationRequested();
        var function = language.Function(node.Name) ?? throw new ExpressionException($"Unrecognized function: '{node.Name}'", expression.Text, node.Offset);
        var arguments = new ExpressionValue[node.Arguments.Count];
        for (var i = 0; i < arguments.Length; i++) arguments[i] = Evaluate(node.Arguments[i]);
        try
        {
            return function.Body(new FunctionCall(arguments, Spend));
        }
        catch (FunctionException refused)
        {
            throw new ExpressionException(refused.Message, expression.Text, node.Offset, refused);
        }
    }

    // Functions in functions can multiply what they are given, so what all of them make is counted together.
    private void Spend(int characters)
    {
        if (characters > context.MaxCharacters - _characters) throw new FunctionException($"The maximum allowed memory size was exceeded ({context.MaxCharacters:N0} characters)");
        _characters += characters;
    }
}
