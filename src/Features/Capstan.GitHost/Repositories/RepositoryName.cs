using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Capstan.GitHost.Repositories;

/// <summary>The name of a hosted repository: <c>NAME</c> or <c>OWNER/NAME</c>, lower-case letters, digits, <c>.</c>, <c>_</c> and <c>-</c>. A value of this type is safe as a path.</summary>
public sealed partial record RepositoryName
{
    /// <summary>The most characters that owner and name may each have.</summary>
    public const int LongestPart = 64;

    private RepositoryName(string text) => Text = text;

    /// <summary>The name, without <c>.git</c>.</summary>
    public string Text { get; }

    /// <summary>Reads a name that someone wrote; <c>.git</c> at the end is left out.</summary>
    /// <exception cref="GitHostException">It is no name.</exception>
    public static RepositoryName Parse(string text) => TryParse(text, out var name)
        ? name
        : throw new GitHostException(GitHostProblem.InvalidName, $"\"{Shown(text)}\" is not the name of a repository: NAME or OWNER/NAME of lower-case letters, digits, \".\", \"_\" and \"-\", beginning and ending with a letter or digit");

    /// <summary>Reads a name that someone wrote, without an exception.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out RepositoryName? name)
    {
        name = null;
        if (text is null || text.Length > 2 * LongestPart + 5)
        {
            return false;
        }

        var plain = text.EndsWith(".git", StringComparison.Ordinal) ? text[..^4] : text;
        var parts = plain.Split('/');
        if (parts.Length > 2 || !parts.All(IsPart))
        {
            return false;
        }

        name = new RepositoryName(plain);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    // Upper case is refused rather than folded: on disks that do not tell case apart two names would be one repository. ".git" and
    // ".lock" at the end would collide with what git puts there.
    private static bool IsPart(string part) => part.Length is > 0 and <= LongestPart
        && PartPattern().IsMatch(part)
        && !part.Contains("..", StringComparison.Ordinal)
        && !part.EndsWith(".git", StringComparison.Ordinal)
        && !part.EndsWith(".lock", StringComparison.Ordinal);

    private static string Shown(string text) => string.Concat(text.Take(80).Select(c => char.IsControl(c) ? '?' : c));

    [GeneratedRegex(@"^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?\z", RegexOptions.NonBacktracking)]
    private static partial Regex PartPattern();
}
