using Capstan.Sources.Folders;

namespace Capstan.Registry.Building.Files;

/// <summary>
/// Opens files of a build's folder. Whoever may still write there (a job that left a process behind) could put a link in a file's place between the look at it and its
/// opening: what was opened counts only when it lies in the folder.
/// </summary>
/// <param name="folder">The folder.</param>
internal sealed class ConfinedFile(string folder)
{
    private readonly string _real = RealPath.Of(Path.GetFullPath(folder)).TrimEnd('/') + "/";

    /// <exception cref="BuildException">It lies elsewhere.</exception>
    public FileStream Open(string path)
    {
        var file = File.OpenRead(path);
        if (!OperatingSystem.IsLinux() || new FileInfo($"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}").LinkTarget is not { } opened || opened.StartsWith(_real, StringComparison.Ordinal)) return file;
        file.Dispose();
        throw new BuildException($"{Path.GetRelativePath(folder, path)}: leads out of the build's folder, which is not followed");
    }

    /// <summary>The text of a small file.</summary>
    public string ReadText(string path)
    {
        using var reader = new StreamReader(Open(path));
        return reader.ReadToEnd();
    }
}
