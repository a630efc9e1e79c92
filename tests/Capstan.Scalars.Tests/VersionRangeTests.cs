namespace Capstan.Scalars.Tests;

public sealed class VersionRangeTests
{
    // What Masterminds' own tables say.
    [Theory]
    [InlineData("*", "1.2.3", true)]
    [InlineData("1.x", "1.9.0", true)]
    [InlineData("1.x", "2.0.0", false)]
    [InlineData("1.2.x", "1.2.9", true)]
    [InlineData("~1.2.3", "1.2.9", true)]
    [InlineData("~1.2.3", "1.3.0", false)]
    [InlineData("~1", "1.9.9", true)]
    [InlineData("~0.0.0", "0.1.1", true)]
    [InlineData("^1.2.3", "1.9.0", true)]
    [InlineData("^1.2.3", "2.0.0", false)]
    [InlineData("^0.2.3", "0.2.9", true)]
    [InlineData("^0.2.3", "0.3.0", false)]
    [InlineData("^0.0.3", "0.0.4", false)]
    [InlineData("^0", "0.9.0", true)]
    [InlineData("^0.0", "0.0.9", true)]
    [InlineData(">=1.0 <2.0", "1.5.0", true)]
    [InlineData(">=1.0, <2.0", "2.0.0", false)]
    [InlineData("1.2 - 1.4.5", "1.4.5", true)]
    [InlineData("1.2 - 1.4.5", "1.4.6", false)]
    [InlineData("<1 || >=3", "3.1.0", true)]
    [InlineData("<1 || >=3", "2.0.0", false)]
    [InlineData(">11", "11.1.0", false)]
    [InlineData(">11", "12.0.0", true)]
    [InlineData(">11.1", "11.1.2", false)]
    [InlineData("<=11", "11.9.0", true)]
    [InlineData("!=4.x", "4.1.0", false)]
    [InlineData("!=4.1", "4.2.0", true)]
    [InlineData("!=4.1", "4.1.3", false)]
    [InlineData(">=1.0.0", "1.1.0-beta", false)]
    [InlineData(">=1.0.0-0", "1.1.0-beta", true)]
    [InlineData("^1.1.0-alpha", "1.1.0-beta", true)]
    [InlineData(">=1.0.0-0 <2.0.0", "1.1.0-beta", true)]
    [InlineData("=>1.0", "1.0.0", true)]
    [InlineData("~>2.1", "2.1.7", true)]
    [InlineData("v1.x", "v1.2.0", true)]
    public void Ranges_hold_as_in_masterminds(string range, string version, bool expected)
    {
        Assert.True(VersionRange.TryParse(range, out var parsed), range);
        Assert.Equal(expected, parsed.Holds(Version(version)));
    }

    [Theory]
    [InlineData("main", "improper constraint: main")]
    [InlineData("1.0 ||", "improper constraint: ")]
    [InlineData(">=99999999999999999999", "constraint parser error")]
    public void What_is_no_range_is_refused_in_Masterminds_words(string text, string problem)
    {
        Assert.False(VersionRange.TryParse(text, out _, out var told));
        Assert.Equal(problem, told);
    }

    [Theory]
    [InlineData("1.2.3.4", "invalid semantic version")]
    [InlineData("1.2.3-01", "version segment starts with 0")]
    [InlineData("1.99999999999999999999.0", "error parsing version segment: strconv.ParseUint: parsing \"99999999999999999999\": value out of range")]
    public void What_is_no_version_is_refused_in_Masterminds_words(string text, string problem)
    {
        Assert.False(SemanticVersion.TryParse(text, out _, out var told));
        Assert.Equal(problem, told);
    }

    [Fact]
    public void The_highest_tag_wins_by_version_not_by_text()
    {
        Assert.True(VersionRange.TryParse("1.*", out var range));
        Assert.Equal("v1.10.0", range.Highest(["v1.9.0", "v1.10.0", "1.2.0", "v2.0.0", "v1.11.0-rc.1", "latest"]));
        Assert.Null(range.Highest(["v2.0.0"]));
    }

    [Fact]
    public void Prereleases_are_ordered_as_the_specification_says()
    {
        string[] ordered = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0"];
        Assert.Equal(ordered, ordered.Reverse().OrderBy(Version, SemanticVersion.Precedence));
    }

    [Fact]
    public void No_text_makes_the_parser_fail() =>
        CsCheck.Check.Sample(CsCheck.Gen.String[CsCheck.Gen.Char["0123456789.xX*-+|<>=~^, va"], 0, 40], text =>
        {
            if (VersionRange.TryParse(text, out var range))
            {
                Assert.Null(range.Highest(["no version"]));
            }
        });

    private static SemanticVersion Version(string text) => SemanticVersion.TryParse(text, out var version) ? version : throw new FormatException(text);
}
