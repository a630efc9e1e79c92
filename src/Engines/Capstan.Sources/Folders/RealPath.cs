using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Capstan.Sources.Folders;

/// <summary>Where files really lie, once all links are followed.</summary>
public static class RealPath
{
    private const int MostLinks = 40;

    /// <summary>The path without links; unchanged where nothing is.</summary>
    /// <exception cref="IOException">The links on the way form a cycle.</exception>
    public static string Of(string path)
    {
        var pending = new Stack<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        var current = "/";
        var links = 0;
        while (pending.TryPop(out var part))
        {
            if (part is "." or "..")
            {
                current = part == "." ? current : Path.GetDirectoryName(current) ?? "/";
                continue;
            }

            var next = Path.Combine(current, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                current = next;
                continue;
            }

            if (++links > MostLinks)
            {
                throw new IOException($"{path}: too many symbolic links; they form a cycle");
            }

            current = target.StartsWith('/') ? "/" : current;
            foreach (var piece in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
            {
                pending.Push(piece);
            }
        }

        return current;
    }

    /// <summary>Whether an open file lies at a path that holds no link. The kernel is asked about the open file itself, so nothing can be swapped in between.</summary>
    public static bool IsAt(SafeFileHandle file, string path)
    {
        if (OperatingSystem.IsLinux())
        {
            var descriptor = file.DangerousGetHandle().ToString(CultureInfo.InvariantCulture);
            return new FileInfo("/proc/self/fd/" + descriptor).LinkTarget == path;
        }

        return Of(path) == path;
    }
}
