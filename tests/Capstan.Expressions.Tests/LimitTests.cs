namespace Capstan.Expressions.Tests;

public sealed class LimitTests
{
    [Fact]
    public void An_expression_of_a_megabyte_is_refused() =>
        Assert.StartsWith("Exceeded max expression length 21000", Problem(new string('1', 1 << 20)), StringComparison.Ordinal);

    [Theory]
    [InlineData("(", "1", ")")]
    [InlineData("!", "1", "")]
    [InlineData("", "1", " == 1")]
    [InlineData("toJSON(", "1", ")")]
    [InlineData("github[", "1", "]")]
    public void Deep_nesting_is_refused_and_overflows_nothing(string before, string middle, string after)
    {
        var text = string.Concat(Enumerable.Repeat(before, 2_000)) + middle + string.Concat(Enumerable.Repeat(after, 2_000));
        Assert.StartsWith("Exceeded max expression depth 50", Problem(text), StringComparison.Ordinal);
    }

    [Fact]
    public void Formats_in_formats_end_at_the_limit()
    {
        var text = Enumerable.Range(0, 20).Aggregate("'0123456789'", (inner, _) => $"format('{{0}}{{0}}{{0}}{{0}}', {inner})");
        var refused = Assert.Throws<ExpressionException>(() => TestFiles.Language.Parse(text).Evaluate(TestFiles.Context));
        Assert.Contains("The maximum allowed memory size was exceeded", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_json_is_refused()
    {
        var values = new EvaluationContext([new("env", ObjectValue.Of(("deep", ExpressionValue.Of(new string('[', 100_000)))))]);
        Assert.Contains("fromJSON: the input is no JSON", Assert.Throws<ExpressionException>(() => TestFiles.Language.Parse("fromJSON(env.deep)").Evaluate(values)).Message, StringComparison.Ordinal);
    }

    private static string Problem(string text) => Assert.Throws<ExpressionException>(() => TestFiles.Language.Parse(text)).Problem;
}
