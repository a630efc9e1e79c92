using System.Text.RegularExpressions;
using CsCheck;

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
        Check.Sample(Gen.String[Gen.Char["0123456789.xX*-+|<>=~^, va"], 0, 40], text =>
        {
            if (VersionRange.TryParse(text, out var range))
            {
                Assert.Null(range.Highest(["no version"]));
            }
        });

    // Masterminds' own expressions, which the parser must agree with on every text.
    private const string Plain =
        @"v?([0-9|xX*]+)(\.[0-9|xX*]+)?(\.[0-9|xX*]+)?(-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?(\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?";

    private const string Operators = @"(?:=||!=|>|<|>=|=>|<=|=<|~|~>|\^)";

    private static readonly Regex Valid = new(
        $@"^([ \t\n\f\r]*{Operators}[ \t\n\f\r]*{Plain}[ \t\n\f\r]*)((?:[ \t\n\f\r]+|,[ \t\n\f\r]*){Operators}[ \t\n\f\r]*{Plain}[ \t\n\f\r]*)*\z",
        RegexOptions.NonBacktracking);

    // The second version is group 11: each holds nine of its own.
    private static readonly Regex Hyphen = new($@"[ \t\n\f\r]*({Plain})[ \t\n\f\r]+-[ \t\n\f\r]+({Plain})[ \t\n\f\r]*", RegexOptions.None);

    private static readonly string[] Pieces = [">=", "<", "~>", "", "1", "1.2", "v1.2.3", "x", "1.2.3-a.b", "1.0+m", " ", " - ", ",", "||", "-", "--a"];

    private static readonly Regex Form = new(
        @"^v?([0-9]+)(\.[0-9]+)?(\.[0-9]+)?(-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?(\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?\z", RegexOptions.NonBacktracking);

    [Fact]
    public void What_a_range_is_is_what_Masterminds_expressions_match() => Check.Sample(
        Gen.OneOf(
            Gen.String[Gen.Char["019.xX*-+|<>=~^, va"], 0, 14],
            Gen.OneOf([.. Pieces.Select(Gen.Const)]).Array[0, 8].Select(string.Concat)),
        text =>
        {
            var replaced = Hyphen.Replace(text, m => $">= {m.Groups[1].Value}, <= {m.Groups[11].Value} ");
            var expected = Array.TrueForAll(replaced.Split("||"), Valid.IsMatch);
            var read = VersionRange.TryParse(text, out _, out var problem);

            // The first alternative that is wrong is told; of one that is too large the others are not known.
            Assert.True(read == expected || problem == "constraint parser error", problem);
        },
        iter: 20_000);

    [Fact]
    public void What_a_version_is_is_what_Masterminds_expression_matches() => Check.Sample(
        Gen.String[Gen.Char["019.-+va"], 0, 12],
        text =>
        {
            var match = Form.Match(text);
            var read = SemanticVersion.TryParse(text, out var version, out var problem);
            Assert.Equal(match.Success, read || problem != "invalid semantic version");
            if (read)
            {
                Assert.Equal((match.Groups[5].Value, match.Groups[8].Value), (version!.Prerelease, version.Metadata));
            }
        },
        iter: 20_000);

    [Fact]
    public void A_range_of_endless_text_is_refused_at_once() =>
        Assert.False(VersionRange.TryParse(new string('1', 1_000_000) + " - 2", out _, out _));

    private static SemanticVersion Version(string text) => SemanticVersion.TryParse(text, out var version) ? version : throw new FormatException(text);
}
