using System.Collections.Frozen;

namespace Capstan.Server.Documentation;

/// <summary>A page of the documentation.</summary>
/// <param name="Path">Its path beneath <c>/docs</c>, without an ending.</param>
/// <param name="Title">Its first heading.</param>
/// <param name="Text">Its Markdown.</param>
internal sealed record ManualPage(string Path, string Title, string Text)
{
    /// <summary>The address of the page.</summary>
    public string Address => "/docs/" + Path;
}

/// <summary>The documentation that is part of the program: the files of <c>docs/</c> as they were when it was built.</summary>
internal static class Manual
{
    private const string Prefix = "docs/";
    private const string Ending = ".md";
    private static readonly FrozenDictionary<string, ManualPage> All = Load();

    /// <summary>The chapters with their pages, in the order of reading.</summary>
    public static readonly IReadOnlyList<(string Title, IReadOnlyList<ManualPage> Pages)> Chapters =
    [
        ("Begin", Some(p => p.Path is "tutorial")),
        ("How to", Some(p => p.Path.StartsWith("howto/", StringComparison.Ordinal))),
        ("Reference", Some(p => p.Path.StartsWith("reference/", StringComparison.Ordinal))),
        ("About", Some(p => !p.Path.Contains('/', StringComparison.Ordinal) && p.Path is not "tutorial")),
        ("Decisions", Some(p => p.Path.StartsWith("decisions/", StringComparison.Ordinal))),
    ];

    /// <summary>All pages.</summary>
    public static IEnumerable<ManualPage> Pages => All.Values;

    /// <summary>A page; null when there is none.</summary>
    public static ManualPage? Find(string path) => All.GetValueOrDefault(path.Trim('/'));

    /// <summary>A page as HTML.</summary>
    public static string Html(ManualPage page) => MarkdownHtml.Of(page.Text, target => LinkOf(page, target));

    /// <summary>Where a link of a page leads: pages of the documentation by their address, other sites as they are.</summary>
    public static string LinkOf(ManualPage page, string target)
    {
        if (target.StartsWith('#') || target.StartsWith("https://", StringComparison.Ordinal)) return target;
        if (target.StartsWith('/') && !target.StartsWith("//", StringComparison.Ordinal)) return target;
        var hash = target.IndexOf('#', StringComparison.Ordinal);
        var (file, anchor) = hash < 0 ? (target, "") : (target[..hash], target[hash..]);
        if (!file.EndsWith(Ending, StringComparison.Ordinal)) return "";
        var steps = new List<string>(page.Path.Split('/')[..^1]);
        foreach (var step in file[..^Ending.Length].Split('/'))
        {
            if (step == ".." && steps.Count > 0) steps.RemoveAt(steps.Count - 1);
            else if (step is not ("." or "..")) steps.Add(step);
        }
        return Find(string.Join('/', steps)) is { } found ? found.Address + anchor : "";
    }

    private static IReadOnlyList<ManualPage> Some(Func<ManualPage, bool> fits) => [.. All.Values.Where(fits).OrderBy(p => p.Path, StringComparer.Ordinal)];

    private static FrozenDictionary<string, ManualPage> Load()
    {
        var assembly = typeof(Manual).Assembly;
        var all = new Dictionary<string, ManualPage>(StringComparer.Ordinal);
        foreach (var resource in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal) && n.EndsWith(Ending, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            var (path, text) = (resource[Prefix.Length..^Ending.Length].Replace('\\', '/'), reader.ReadToEnd());
            all[path] = new ManualPage(path, MarkdownHtml.TitleOf(text) is { Length: > 0 } title ? title : path, text);
        }
        return all.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
