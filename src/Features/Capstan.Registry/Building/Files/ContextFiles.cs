using Capstan.Registry.Building.Dockerfiles;
using Capstan.Sources.Folders;

namespace Capstan.Registry.Building.Files;

/// <summary>
/// The files of a build's folder, as a tree. Links are kept as links: one that leads out of the folder is copied as what it is and never followed.
/// What <c>.dockerignore</c> leaves out is not there.
/// </summary>
internal static class ContextFiles
{
    private const int MostFiles = 500_000;

    public static RootTree Read(string folder, string dockerfile)
    {
        var files = new ConfinedFile(folder, p => new BuildException($"{p}: leads out of the build's folder, which is not followed"));
        var ignore = new IgnoreFile(ReadIgnore(folder, dockerfile, files));
        var tree = new RootTree();
        var waiting = new Stack<DirectoryInfo>([new DirectoryInfo(folder)]);
        var count = 0;
        while (waiting.TryPop(out var at))
        {
            foreach (var entry in at.EnumerateFileSystemInfos())
            {
                var path = Path.GetRelativePath(folder, entry.FullName).Replace('\\', '/');
                var excluded = ignore.Excludes(path);
                if (excluded && !(ignore.TakesBack && entry is DirectoryInfo)) continue;
                if (++count > MostFiles) throw new BuildException($"{folder}: has more than {MostFiles:N0} files; leave some out with .dockerignore");
                if (entry.LinkTarget is { } target) tree.Put(path, new FileNode(FileNodeKind.Link) { Target = target, Mode = 0x1FF });
                else if (entry is DirectoryInfo inner)
                {
                    if (!excluded) tree.Put(path, new FileNode(FileNodeKind.Folder) { Mode = ModeOf(entry) });
                    waiting.Push(inner);
                }
                else if (entry is FileInfo file && (file.Attributes & FileAttributes.Device) == 0)
                {
                    tree.Put(path, new FileNode(FileNodeKind.File) { Mode = ModeOf(entry), Size = file.Length, Open = () => files.Open(file.FullName) });
                }
            }
        }

        return tree;
    }

    private static int ModeOf(FileSystemInfo entry) => OperatingSystem.IsWindows() ? 0x1ED : (int)entry.UnixFileMode;

    // Beside the Dockerfile, which may lie elsewhere, only a plain file counts.
    private static string ReadIgnore(string folder, string dockerfile, ConfinedFile files)
    {
        if (new FileInfo(dockerfile + ".dockerignore") is { Exists: true, LinkTarget: null } own) return File.ReadAllText(own.FullName);
        return new FileInfo(Path.Combine(folder, ".dockerignore")) is { Exists: true } there ? files.ReadText(there.FullName) : "";
    }
}
