namespace Capstan.Expressions.Functions;

/// <summary><c>case(condition, value, …, otherwise)</c>: the value behind the first condition that is true.</summary>
internal static class CaseFunction
{
    public static ExpressionValue Case(FunctionCall call)
    {
        for (var i = 0; i + 1 < call.Arguments.Count; i += 2)
        {
            if (call.Arguments[i].Kind != ValueKind.Boolean) throw new FunctionException("case predicate must evaluate to a boolean value");
            if (call.Arguments[i].IsTruthy) return call.Arguments[i + 1];
        }

        return call.Arguments[^1];
    }
}
