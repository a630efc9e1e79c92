using Microsoft.Data.Sqlite;

namespace Capstan.LocalCluster.Storage;

/// <summary>What SQLite's result codes mean to a person (sqlite.org/rescode.html).</summary>
internal static class StoreErrors
{
    private const int Busy = 5;
    private const int Io = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    public static string Opening(string file, SqliteException error) => error.SqliteErrorCode switch
    {
        Busy => $"{file}: in use by another process; stop it, or choose another data folder",
        Corrupt or NotADatabase => $"{file}: damaged ({error.Message}); restore the data folder from a backup",
        CannotOpen => $"{file}: cannot be opened; check that the folder exists and is writable",
        _ => $"{file}: cannot be opened: {error.Message}",
    };

    public static string Writing(string file, SqliteException error) => error.SqliteErrorCode switch
    {
        Full => $"{file}: the disk is full; nothing of this request was written. Free some space and try again",
        Io => $"{file}: the disk failed ({error.Message}); nothing of this request was written",
        Corrupt => $"{file}: damaged ({error.Message}); stop Capstan and restore the data folder from a backup",
        _ => $"{file}: cannot be written: {error.Message}; nothing of this request was written",
    };
}
