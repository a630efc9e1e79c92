using CsCheck;

namespace Capstan.GoTemplates.Tests;

public sealed class TemplateTests
{
    [Theory]
    [InlineData("{{ .a }}", "1")]
    [InlineData("{{ .missing }}", "<no value>")]
    [InlineData("{{ range $k, $v := . }}{{ $k }}={{ $v }};{{ end }}", "a=1;b=[x y];")]
    [InlineData("{{ range .b }}{{ if eq . \"y\" }}{{ break }}{{ end }}{{ . }}{{ end }}", "x")]
    [InlineData("{{- define \"d\" }}<{{ . }}>{{ end -}} {{ template \"d\" .a }}", "<1>")]
    [InlineData("a  {{- 1 -}}  b", "a1b")]
    [InlineData("{{ with $x := 5 }}{{ $x = 6 }}{{ $x }}{{ end }}", "6")]
    [InlineData("{{ printf \"%05.1f|%-4s|%q\" 3.14159 \"ab\" \"c\" }}", "003.1|ab  |\"c\"")]
    public void Templates_give_what_go_gives(string text, string expected) => Assert.Equal(expected, Execute(text));

    [Theory]
    [InlineData("{{ .a.b }}", "template: t:1:5: executing \"t\" at <.a.b>: can't evaluate field b in type interface {}")]
    [InlineData("x\n{{ nope }}", "template: t:2: function \"nope\" not defined")]
    [InlineData("{{ if }}", "template: t:1: missing value for if")]
    [InlineData("{{ range .b }}", "template: t:1: unexpected EOF")]
    [InlineData("{{ index .b 7 }}", "template: t:1:3: executing \"t\" at <index .b 7>: error calling index: index out of range: 7")]
    public void Errors_are_in_the_words_of_go(string text, string expected) =>
        Assert.Equal(expected, Assert.Throws<TemplateException>(() => Execute(text)).Message);

    [Fact]
    public void A_key_that_is_absent_can_be_an_error()
    {
        var set = new TemplateLanguage([]).NewSet("s", MissingKey.Error);
        set.Add("t", "{{ .missing }}");
        var error = Assert.Throws<TemplateException>(() => set.Execute("t", new GoMap(), Budget()));
        Assert.EndsWith("map has no entry for key \"missing\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_quoted_string_reads_back_as_itself() => Gen.String.Sample(static text =>
    {
        // Lone surrogates stand for single bytes here, and only 128 of them do.
        var valid = GoText.FromBytes(System.Text.Encoding.UTF8.GetBytes(text));
        Assert.Equal(valid, GoQuote.Unquote(GoQuote.Quote(valid)));
    });

    [Fact]
    public void Bytes_survive_being_a_string() => Gen.Byte.Array.Sample(static bytes => Assert.Equal(bytes, GoText.ToBytes(GoText.FromBytes(bytes))));

    [Fact]
    public void The_shortest_float_reads_back_as_itself() => Gen.Double.Sample(static number =>
    {
        if (double.IsFinite(number))
        {
            Assert.Equal(number, double.Parse(GoFloat.Format(number, 'g', -1), System.Globalization.CultureInfo.InvariantCulture));
        }
    });

    [Fact]
    public void Any_text_parses_or_fails_with_a_template_error() => Gen.String[Gen.Char["{}-$.()|\"`:=, abif\nendrange0123"], 0, 60].Sample(static text =>
    {
        try
        {
            new TemplateLanguage([]).NewSet("s").Add("t", "{{" + text);
        }
        catch (TemplateException error)
        {
            Assert.StartsWith("template: ", error.Message, StringComparison.Ordinal);
        }
    });

    private static string Execute(string text)
    {
        var set = new TemplateLanguage([]).NewSet("s");
        set.Add("t", text);
        var data = new GoMap { ["a"] = 1.0, ["b"] = GoArray.OfStrings(["x", "y"]) };
        return set.Execute("t", data, Budget());
    }

    private static TemplateBudget Budget() => new(TemplateLimits.Default, TimeProvider.System, TestContext.Current.CancellationToken);
}
