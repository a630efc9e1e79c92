using Capstan.GoTemplates;

namespace Capstan.Helm.Charts;

/// <summary>The rules of .helmignore: which files do not belong to the chart.</summary>
internal sealed class HelmIgnore
{
    private readonly List<Rule> _rules = [];

    /// <summary>Reads the file; without one only files of templates that begin with a dot are left out.</summary>
    /// <exception cref="ChartException">A pattern is not valid.</exception>
    public static HelmIgnore Parse(string? text)
    {
        var ignore = new HelmIgnore();
        foreach (var line in (text ?? "").Split('\n'))
        {
            ignore.Add(line.Trim());
        }

        ignore.Add("templates/.?*");
        return ignore;
    }

    /// <summary>Whether a file or folder is left out.</summary>
    /// <param name="path">Its path in the chart.</param>
    /// <param name="isFolder">Whether it is a folder.</param>
    public bool Ignores(string path, bool isFolder)
    {
        foreach (var rule in _rules)
        {
            var matches = (!rule.FoldersOnly || isFolder) && rule.Matches(path);
            if (rule.Negated)
            {
                // As in Helm, a negated rule drops everything that it does not name.
                if (!matches)
                {
                    return true;
                }

                continue;
            }

            if (matches)
            {
                return true;
            }
        }

        return false;
    }

    private void Add(string line)
    {
        if (line.Length == 0 || line.StartsWith('#'))
        {
            return;
        }

        if (line.Contains("**", StringComparison.Ordinal))
        {
            throw new ChartException("double-star (**) syntax is not supported");
        }

        if (!GoMatch.IsValid(line))
        {
            throw new ChartException($"syntax error in pattern {GoQuote.Quote(line)} of .helmignore");
        }

        var negated = line.StartsWith('!');
        var pattern = negated ? line[1..] : line;
        var foldersOnly = pattern.EndsWith('/');
        pattern = foldersOnly ? pattern[..^1] : pattern;
        var rooted = pattern.StartsWith('/');
        _rules.Add(new Rule(rooted ? pattern[1..] : pattern, negated, foldersOnly, !rooted && !pattern.Contains('/', StringComparison.Ordinal)));
    }

    private sealed record Rule(string Pattern, bool Negated, bool FoldersOnly, bool NameOnly)
    {
        public bool Matches(string path) => GoMatch.IsMatch(Pattern, NameOnly ? path[(path.LastIndexOf('/') + 1)..] : path);
    }
}
