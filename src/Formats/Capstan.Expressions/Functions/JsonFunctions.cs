using System.Text.Json;

namespace Capstan.Expressions.Functions;

/// <summary><c>toJSON</c> and <c>fromJSON</c>.</summary>
internal static class JsonFunctions
{
    public static ExpressionValue ToJson(FunctionCall call) => call.Text(ExpressionJson.Write(call.Arguments[0]));

    public static ExpressionValue FromJson(FunctionCall call)
    {
        var text = call.Arguments[0].Text;
        if (string.IsNullOrWhiteSpace(text)) throw new FunctionException("fromJSON: the input is empty");
        call.Spend(text.Length);
        try
        {
            return ExpressionJson.Read(text);
        }
        catch (JsonException wrong)
        {
            throw new FunctionException($"fromJSON: the input is no JSON: {wrong.Message}", wrong);
        }
    }
}
