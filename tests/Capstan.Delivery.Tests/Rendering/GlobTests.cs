using Capstan.Delivery.Rendering;

namespace Capstan.Delivery.Tests.Rendering;

public sealed class GlobTests
{
    [Theory]
    [InlineData("*.yaml", "a.yaml", true)]
    [InlineData("*.yaml", "deep/in/a.yaml", true)]
    [InlineData("*.yaml", "a.yml", false)]
    [InlineData("**/a.yaml", "deep/a.yaml", true)]
    [InlineData("**/a.yaml", "a.yaml", false)]
    [InlineData("{a.yaml,b.yaml}", "b.yaml", true)]
    [InlineData("{a,b}.yaml", "c.yaml", false)]
    [InlineData("{config,env/{dev,prod}}/*.yaml", "env/prod/x.yaml", true)]
    [InlineData("?.yaml", "a.yaml", true)]
    [InlineData("?.yaml", "ab.yaml", false)]
    [InlineData("[ab].yaml", "b.yaml", true)]
    [InlineData("[!ab].yaml", "b.yaml", false)]
    [InlineData("[a-c]*.yaml", "bat.yaml", true)]
    [InlineData("a\\*.yaml", "a*.yaml", true)]
    [InlineData("a\\*.yaml", "ab.yaml", false)]
    [InlineData("a.yaml", "axyaml", false)]
    [InlineData("(a|b).yaml", "a.yaml", false)]
    [InlineData("a,b.yaml", "a,b.yaml", true)]
    public void A_glob_matches_as_in_argo_cd(string pattern, string path, bool matches)
    {
        Assert.True(Glob.TryParse(pattern, out var glob, out _));
        Assert.Equal(matches, glob.Matches(path));
    }

    [Theory]
    [InlineData("{a,b")]
    [InlineData("a}")]
    [InlineData("[a")]
    [InlineData("[]")]
    [InlineData("a\\")]
    public void What_is_no_glob_is_refused_with_a_reason(string pattern)
    {
        Assert.False(Glob.TryParse(pattern, out _, out var problem));
        Assert.NotEmpty(problem);
    }

    [Fact]
    public void A_hostile_pattern_neither_nests_without_end_nor_takes_long()
    {
        Assert.False(Glob.TryParse(new string('{', 5000), out _, out _));
        Assert.True(Glob.TryParse(string.Concat(Enumerable.Repeat("*a", 200)), out var glob, out _));
        Assert.False(glob.Matches(new string('a', 150) + "b"));
    }
}
