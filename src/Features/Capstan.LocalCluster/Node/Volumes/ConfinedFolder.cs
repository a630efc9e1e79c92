namespace Capstan.LocalCluster.Node.Volumes;

/// <summary>Paths that others name, beneath a folder that they cannot leave: neither by <c>..</c> nor by links on the way.</summary>
internal static class ConfinedFolder
{
    /// <summary>The path beneath the folder; null when it would leave it.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="path">A path, with or without a leading slash.</param>
    public static string? Beneath(string root, string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Contains("..", StringComparer.Ordinal) || path.Contains('\0', StringComparison.Ordinal))
        {
            return null;
        }

        var at = root;
        foreach (var part in parts.Where(p => p != "."))
        {
            at = Path.Combine(at, part);

            // A container may have put a link there that leads elsewhere on the machine.
            if (new FileInfo(at).LinkTarget is not null)
            {
                return null;
            }
        }

        return at;
    }
}
