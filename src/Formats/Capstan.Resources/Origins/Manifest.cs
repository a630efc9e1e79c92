namespace Capstan.Resources;

/// <summary>Where a manifest came from.</summary>
/// <param name="File">The file, relative to the repository's root.</param>
/// <param name="Line">The line at which the object begins, from 1; 0 when unknown.</param>
/// <param name="Repository">The repository's URL; empty for a local folder.</param>
/// <param name="Commit">The full commit id; empty for a local folder.</param>
public sealed record Origin(string File, int Line, string Repository = "", string Commit = "")
{
    /// <summary><c>file:line</c>.</summary>
    public override string ToString() => Line > 0 ? $"{Shown(File)}:{Line}" : Shown(File);

    /// <summary>The name of a file as it may stand in a line of text: a name may hold line ends and what steers a terminal.</summary>
    public static string Shown(string file) => !file.Any(char.IsControl)
        ? file
        : string.Concat(file.Select(c => char.IsControl(c) ? $"\\x{(int)c:x2}" : c.ToString()));
}

/// <summary>One desired object and where it came from.</summary>
/// <param name="Object">The object as rendered.</param>
/// <param name="Origin">Where it came from.</param>
public sealed record Manifest(KubernetesObject Object, Origin Origin)
{
    /// <summary>Which object it is.</summary>
    public ObjectKey Key => Object.Key;
}
