namespace Capstan.Expressions.Tests;

public sealed class TemplateTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a ${{ github.ref }} b", "a refs/heads/main b")]
    [InlineData("${{ 1 }}${{ 2 }}", "12")]
    [InlineData("${{ '}}' }}", "}}")]
    [InlineData("$ { { }} }", "$ { { }} }")]
    [InlineData("${{\n  github.ref\n}}", "refs/heads/main")]
    public void Expressions_are_replaced_in_a_text(string text, string expected) => Assert.Equal(expected, Parse(text).Evaluate(TestFiles.Context).Text);

    [Fact]
    public void A_single_expression_keeps_the_kind_of_its_value() => Assert.Equal(ValueKind.Array, Parse("${{ matrix.os }}").Evaluate(TestFiles.Context).Kind);

    [Theory]
    [InlineData("a ${{ 1", 2, "The expression is not closed. An unescaped ${{ sequence was found, but the closing }} sequence was not found.")]
    [InlineData("a ${{ }}", 6, "An expression was expected")]
    [InlineData("a ${{ nope.x }}", 6, "Unrecognized named-value: 'nope'")]
    [InlineData("${{ 1 }} ${{ 1 + 1 }}", 15, "Unexpected symbol: '+'")]
    public void Errors_have_their_place_in_the_whole_text(string text, int offset, string problem)
    {
        var wrong = Assert.Throws<ExpressionException>(() => Parse(text));
        Assert.Equal((offset, problem), (wrong.Offset, wrong.Problem));
    }

    [Fact]
    public void Functions_from_outside_are_called_with_their_arguments()
    {
        var hash = new ExpressionFunction("hashFiles", 1, 255, call => call.Text(string.Join('+', call.Arguments.Select(a => a.Text))));
        var language = new ExpressionLanguage(["github"], [hash]);
        Assert.Equal("key-a+b", TemplateText.Parse("key-${{ HASHFILES('a', 'b') }}", language).Evaluate(TestFiles.Context).Text);
        Assert.Equal("Too few parameters supplied: 'hashFiles'", Assert.Throws<ExpressionException>(() => language.Parse("hashFiles()")).Problem);
    }

    [Fact]
    public void Every_function_of_the_language_names_what_it_refuses() =>
        Assert.Equal("The following format string references more arguments than were supplied: {1}. Located at position 1 within expression: format('{1}', 'a')",
            Assert.Throws<ExpressionException>(() => TestFiles.Language.Parse("format('{1}', 'a')").Evaluate(TestFiles.Context)).Message);

    private static TemplateText Parse(string text) => TemplateText.Parse(text, TestFiles.Language);
}
