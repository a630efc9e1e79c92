namespace Capstan.Sources.Folders;

/// <summary>
/// Opens files of a folder to which somebody else may still write (a job that left a process behind): a link could be put in a file's place between the look at it and its
/// opening, so what was opened counts only when it lies in the folder.
/// </summary>
/// <param name="folder">The folder.</param>
/// <param name="refuse">Makes the error of a path, relative to the folder, that leads out of it.</param>
public sealed class ConfinedFile(string folder, Func<string, Exception> refuse)
{
    private readonly string _real = RealPath.Of(Path.GetFullPath(folder)).TrimEnd('/') + "/";

    /// <summary>Opens a file for reading.</summary>
    public FileStream Open(string path)
    {
        var file = File.OpenRead(path);
        if (!OperatingSystem.IsLinux() || new FileInfo($"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}").LinkTarget is not { } opened || opened.StartsWith(_real, StringComparison.Ordinal)) return file;
        file.Dispose();
        throw refuse(Path.GetRelativePath(folder, path));
    }

    /// <summary>The text of a small file.</summary>
    public string ReadText(string path)
    {
        using var reader = new StreamReader(Open(path));
        return reader.ReadToEnd();
    }
}
