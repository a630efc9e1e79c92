namespace Capstan.Kustomize.Tests.Flux;

public sealed class VariableTextTests
{
    private static readonly Dictionary<string, string> Variables = new()
    {
        ["name"] = "Shop-api",
        ["path"] = "/var/lib/data.tar.gz",
        ["empty"] = "",
        ["n"] = "3",
        ["u"] = "äöü",
        ["slash"] = "a/b/c",
        ["lower"] = "abc",
    };

    [Theory]
    [InlineData("plain $name $$name", "plain $name $$name")]
    [InlineData("<${name}> ${name}-${n}", "<Shop-api> Shop-api-3")]
    [InlineData("${missing}|${empty}|", "||")]
    [InlineData("$${name} $${name} ${name}", "${name} ${name} Shop-api")]
    [InlineData("$${a:=${name}}", "${a:=Shop-api}")]
    [InlineData("${missing:-d} ${missing:=d} ${missing=d} ${empty:-d} ${empty=d} ${name:-d}", "d d d d d Shop-api")]
    [InlineData("${missing:-} ${missing:-a b:c/d#e}", " a b:c/d#e")]
    [InlineData("${missing:-pre-${name}-${other:-x}}", "pre-Shop-api-x")]
    [InlineData("${name:5} ${name:0:4} ${name:50}|${name:2:50} ${name:1:-1}", "api Shop |op-api hop-ap")]
    [InlineData("${name:x} ${name:0:y}", "Shop-api Shop-api")]
    [InlineData("${#name} ${#empty} ${#missing} ${#u}", "8 0 0 6")]
    [InlineData("${lower^} ${lower^^} ${name,} ${name,,} ${u^}", "Abc ABC shop-api shop-api Äöü")]
    [InlineData("${path#*/} ${path##*/} ${path%.*} ${path%%.*}", "var/lib/data.tar.gz data.tar.gz /var/lib/data.tar /var/lib/data")]
    [InlineData("${path#x} ${path%x} ${name#[A-Z]hop} ${name##?????}", "/var/lib/data.tar.gz /var/lib/data.tar.gz -api api")]
    [InlineData("${slash/\\//-} ${slash//\\//-} ${slash/b/} ${slash//x/y} ${slash/#a/z} ${slash/%c/z}", "a-b/c a-b-c a//c a/b/c z/b/c a/b/z")]
    [InlineData("${name/#/pre-} ${name/%/-post}", "pre-Shop-api Shop-api-post")]
    [InlineData("back\\slash stays ${n}", "back\\slash stays 3")]
    public void Expressions_are_those_of_Flux(string text, string expected) => Assert.Equal(expected, VariableText.Replace(text, name => Variables.GetValueOrDefault(name)));

    [Theory]
    [InlineData("a\n${name", "\"${name\" in line 2 of the resource: its closing brace is missing")]
    [InlineData("${}", "\"${}\" in line 1 of the resource: the name of a variable is missing")]
    [InlineData("${name-default}", "\"${name-default}\" in line 1 of the resource: its closing brace is missing")]
    [InlineData("${name/a}", "\"${name/a}\" in line 1 of the resource: its replacement is missing")]
    [InlineData("${name^^^}", "\"${name^^^}\" in line 1 of the resource: its closing brace is missing")]
    public void What_is_malformed_is_told_with_its_line(string text, string message) =>
        Assert.Equal(message, Assert.Throws<KustomizeException>(() => VariableText.Replace(text, name => Variables.GetValueOrDefault(name))).Message);

    [Theory]
    [InlineData("${missing}")]
    [InlineData("${#missing}")]
    [InlineData("${missing^^}")]
    [InlineData("${missing:0:1}")]
    public void Strictly_a_variable_without_value_and_default_is_an_error(string text)
    {
        Assert.Equal("variable missing is not set, and there is no default", Assert.Throws<KustomizeException>(() => VariableText.Replace(text, _ => null, strict: true)).Message);
        Assert.Equal("d", VariableText.Replace("${missing:-d}", _ => null, strict: true));
    }

    [Fact]
    public void A_glob_of_many_stars_takes_no_time() =>
        Assert.Equal(new string('a', 2_000) + "b", VariableText.Replace("${v#" + string.Concat(Enumerable.Repeat("*a", 30)) + "*c}", _ => new string('a', 2_000) + "b"));
}
