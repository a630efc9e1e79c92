using System.Globalization;

namespace Capstan.Server.Hosting;

/// <summary>One step from a format of the data folder to the next. It may be cut off anywhere and is then run again from its beginning.</summary>
/// <param name="To">The format that the folder has afterwards.</param>
/// <param name="RunAsync">Changes the folder.</param>
internal sealed record DataMigration(int To, Func<string, CancellationToken, Task> RunAsync);

/// <summary>
/// In which format a data folder is: a number in the file <c>format</c>. A folder of an earlier version is brought to this one's step by step; one
/// of a later version is refused, since its files may mean something else.
/// </summary>
internal static class DataFormat
{
    /// <summary>The format that this program works on.</summary>
    public const int Current = 1;

    private const string FileName = "format";

    // Folders from before the file have format 1.
    private const int First = 1;

    /// <summary>How the formats before became the current one; none yet.</summary>
    private static readonly IReadOnlyList<DataMigration> Migrations = [];

    /// <summary>Makes the folder one of the current format. Its lock must be held.</summary>
    /// <exception cref="ServerStartException">It is of a later version, or its format cannot be read.</exception>
    public static Task OpenAsync(string data, CancellationToken cancellation) => OpenAsync(data, Current, Migrations, cancellation);

    internal static async Task OpenAsync(string data, int current, IReadOnlyList<DataMigration> migrations, CancellationToken cancellation)
    {
        foreach (var draft in Directory.EnumerateFiles(data, ".backup-*")) File.Delete(draft);
        var file = Path.Combine(data, FileName);
        var format = File.Exists(file) ? Read(file, await File.ReadAllTextAsync(file, cancellation).ConfigureAwait(false)) : First;
        if (format > current)
        {
            throw new ServerStartException($"{data}: was written by a later version of Capstan (format {format}; this one knows {current}). Start that version, or restore a backup from before it");
        }

        foreach (var step in migrations.Where(m => m.To > format && m.To <= current).OrderBy(m => m.To))
        {
            await step.RunAsync(data, cancellation).ConfigureAwait(false);
            Write(file, step.To);
        }

        if (!File.Exists(file)) Write(file, current);
    }

    private static int Read(string file, string text) => int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var format) && format >= First
        ? format
        : throw new ServerStartException($"{file}: holds no format but \"{(text.Length > 40 ? text[..40] : text).Trim()}\". Restore a backup of the data folder");

    private static void Write(string file, int format)
    {
        var draft = file + ".new";
        using (var handle = File.OpenHandle(draft, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(handle, System.Text.Encoding.ASCII.GetBytes(format.ToString(CultureInfo.InvariantCulture) + "\n"), 0);
            RandomAccess.FlushToDisk(handle);
        }

        File.Move(draft, file, overwrite: true);
    }
}
