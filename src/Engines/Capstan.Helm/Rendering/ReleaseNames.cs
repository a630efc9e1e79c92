using System.Text.RegularExpressions;
using Capstan.Helm.Charts;

namespace Capstan.Helm.Rendering;

/// <summary>Which names a release may have.</summary>
internal static partial class ReleaseNames
{
    private const int Longest = 53;
    private const string Pattern = @"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

    /// <exception cref="ChartException">The name is not allowed.</exception>
    public static void Validate(string name)
    {
        if (name.Length == 0)
        {
            throw new ChartException("release name check failed: no name provided");
        }

        if (name.Length > Longest || name.EndsWith('\n') || !Valid().IsMatch(name))
        {
            throw new ChartException(
                $"release name check failed: release name {GoTemplates.GoQuote.Quote(name)}: invalid release name, must match regex {Pattern} and the length must not be longer than {Longest}");
        }
    }

    [GeneratedRegex(Pattern, RegexOptions.NonBacktracking)]
    private static partial Regex Valid();
}
