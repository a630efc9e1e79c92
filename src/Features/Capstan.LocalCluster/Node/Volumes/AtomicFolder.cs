namespace Capstan.LocalCluster.Node.Volumes;

/// <summary>One file of a volume.</summary>
/// <param name="Content">What is in it.</param>
/// <param name="Mode">Its rights.</param>
internal sealed record VolumeFile(byte[] Content, UnixFileMode Mode);

/// <summary>
/// Files that are replaced all at once, as kubelet does it (pkg/volume/util/atomic_writer): they lie in a folder with a time in its name,
/// <c>..data</c> links to it, and what the container sees are links through <c>..data</c>.
/// </summary>
internal static class AtomicFolder
{
    private const string Data = "..data";

    /// <summary>Makes the folder hold these files and no others; nothing is touched when it does already.</summary>
    /// <returns>Whether anything changed.</returns>
    public static bool Write(string folder, IReadOnlyDictionary<string, VolumeFile> files, DateTimeOffset now)
    {
        Directory.CreateDirectory(folder);
        var link = Path.Combine(folder, Data);
        var before = new FileInfo(link).LinkTarget;
        if (before is not null && Holds(Path.Combine(folder, before), files))
        {
            return false;
        }

        var name = $"..{now.UtcDateTime:yyyy_MM_dd_HH_mm_ss}.{Guid.NewGuid().ToString("N")[..9]}";
        var fresh = Path.Combine(folder, name);
        Directory.CreateDirectory(fresh);
        foreach (var (path, file) in files)
        {
            var target = Path.Combine(fresh, path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllBytes(target, file.Content);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(target, file.Mode);
            }
        }

        var next = Path.Combine(folder, "..data_tmp");
        File.Delete(next);
        File.CreateSymbolicLink(next, name);
        LinkReplacement.Replace(next, link);
        Link(folder, files.Keys);
        foreach (var old in Directory.EnumerateDirectories(folder, "..2*").Where(d => Path.GetFileName(d) != name))
        {
            Directory.Delete(old, recursive: true);
        }

        return true;
    }

    private static bool Holds(string folder, IReadOnlyDictionary<string, VolumeFile> files)
    {
        if (!Directory.Exists(folder))
        {
            return false;
        }

        var there = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f)).ToHashSet(StringComparer.Ordinal);
        return there.SetEquals(files.Keys) && files.All(f => f.Value.Content.AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(folder, f.Key))));
    }

    private static void Link(string folder, IEnumerable<string> paths)
    {
        var tops = paths.Select(p => p.Split('/')[0]).ToHashSet(StringComparer.Ordinal);
        foreach (var old in Directory.EnumerateFileSystemEntries(folder).Where(e => !Path.GetFileName(e).StartsWith("..", StringComparison.Ordinal) && !tops.Contains(Path.GetFileName(e))))
        {
            File.Delete(old);
        }

        foreach (var top in tops.Where(t => new FileInfo(Path.Combine(folder, t)).LinkTarget is null))
        {
            File.CreateSymbolicLink(Path.Combine(folder, top), $"{Data}/{top}");
        }
    }
}
