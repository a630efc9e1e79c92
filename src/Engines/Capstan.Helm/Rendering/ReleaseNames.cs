using Capstan.Helm.Charts;

namespace Capstan.Helm.Rendering;

/// <summary>Which names a release may have.</summary>
internal static class ReleaseNames
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

        if (name.Length > Longest || !IsValid(name))
        {
            throw new ChartException(
                $"release name check failed: release name {GoTemplates.GoQuote.Quote(name)}: invalid release name, must match regex {Pattern} and the length must not be longer than {Longest}");
        }
    }

    // By hand: building an automaton takes longer than rendering a small chart.
    private static bool IsValid(string name) => Array.TrueForAll(name.Split('.'), static part =>
        part.Length > 0 && part[0] != '-' && part[^1] != '-' && part.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'));
}
