namespace Capstan.Server.Hosting;

/// <summary>Holds the data folder for one process. The kernel lets go of it when the process ends, however it ends.</summary>
internal sealed class DataFolderLock : IDisposable
{
    private const string FileName = "lock";
    private readonly FileStream _file;

    private DataFolderLock(FileStream file) => _file = file;

    public static DataFolderLock Take(string folder)
    {
        try
        {
            CreateFolder(folder);
            var file = new FileStream(Path.Combine(folder, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return new DataFolderLock(file);
        }
        catch (IOException e) when (File.Exists(Path.Combine(folder, FileName)))
        {
            throw new ServerStartException($"{folder}: another Capstan server uses this data folder. Stop it, or name another folder with --data", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ServerStartException($"{folder}: cannot be used as data folder: {e.Message}. Name another with --data", e);
        }
    }

    public void Dispose() => _file.Dispose();

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
