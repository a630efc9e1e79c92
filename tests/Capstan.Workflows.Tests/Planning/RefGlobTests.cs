using Capstan.Workflows.Planning;

namespace Capstan.Workflows.Tests.Planning;

/// <summary>The cases of GitHub's cheat sheet of filter patterns, and around them.</summary>
public sealed class RefGlobTests
{
    [Theory]
    [InlineData("feature/*", "feature/my-branch", true)]
    [InlineData("feature/*", "feature/a/b", false)]
    [InlineData("feature/**", "feature/beta-a/my-branch", true)]
    [InlineData("main", "main", true)]
    [InlineData("main", "maintenance", false)]
    [InlineData("releases/mona-the-octocat", "releases/mona-the-octocat", true)]
    [InlineData("*", "main", true)]
    [InlineData("*", "all/the/branches", false)]
    [InlineData("**", "all/the/branches", true)]
    [InlineData("*feature", "mona-feature", true)]
    [InlineData("*feature", "mona/feature", false)]
    [InlineData("v2*", "v2.9", true)]
    [InlineData("v[12].[0-9]+.[0-9]+", "v1.10.1", true)]
    [InlineData("v[12].[0-9]+.[0-9]+", "v3.0.0", false)]
    [InlineData("*.jsx?", "page.js", true)]
    [InlineData("*.jsx?", "page.jsx", true)]
    [InlineData("*.jsx?", "a/page.js", false)]
    [InlineData("**.js", "src/js/app.js", true)]
    [InlineData("docs/*", "docs/file.txt", true)]
    [InlineData("docs/*", "docs/a/file.txt", false)]
    [InlineData("docs/**/*.md", "docs/README.md", true)]
    [InlineData("docs/**/*.md", "docs/a/markdown/file.md", true)]
    [InlineData("**/docs/**", "docs/hello.md", true)]
    [InlineData("**/docs/**", "dir/docs/my-file.txt", true)]
    [InlineData("**/README.md", "README.md", true)]
    [InlineData("**/README.md", "js/README.md", true)]
    [InlineData("**/*src/**", "a/src/app.js", true)]
    [InlineData("**/*src/**", "my-src/code/js/app.js", true)]
    [InlineData("**/*-post.md", "path/their-post.md", true)]
    [InlineData("**/migrate-*.sql", "dir/migrate-10909.sql", true)]
    [InlineData(@"\*", "*", true)]
    [InlineData(@"\*", "a", false)]
    [InlineData("a.b", "axb", false)]
    [InlineData("a(b)|c", "a(b)|c", true)]
    public void Patterns_match_as_the_documentation_says(string pattern, string name, bool matches) => Assert.Equal(matches, RefGlob.Parse(pattern).Matches(name));

    [Fact]
    public void The_last_pattern_that_matches_decides()
    {
        RefGlob[] patterns = [RefGlob.Parse("releases/**"), RefGlob.Parse("!releases/**-alpha"), RefGlob.Parse("releases/keep-alpha")];
        Assert.Equal([true, false, true, false], new[] { "releases/10", "releases/beta/3-alpha", "releases/keep-alpha", "main" }.Select(n => RefGlob.Passes(patterns, n)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("!")]
    [InlineData("a[")]
    [InlineData("a[]")]
    [InlineData("[z-a]")]
    [InlineData("?a")]
    [InlineData("a*+")]
    [InlineData("a++")]
    [InlineData(@"a\")]
    public void What_is_no_pattern_is_refused(string pattern) => Assert.Throws<FormatException>(() => RefGlob.Parse(pattern));

    [Fact]
    public void A_hostile_pattern_takes_no_time() => Assert.False(RefGlob.Parse(string.Concat(Enumerable.Repeat("**a", 200)) + "b").Matches(new string('a', 5_000)));
}
