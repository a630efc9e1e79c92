using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Capstan.Server.Hosting;

namespace Capstan.Server.Backups;

/// <summary>A backup that cannot be used. The message says why and what to do.</summary>
public sealed class BackupException(string message, Exception? inner = null) : IOException(message, inner);

/// <summary>What was found in a backup.</summary>
/// <param name="Version">The program that made it.</param>
/// <param name="Began">What was acknowledged before is in it.</param>
/// <param name="Files">How many files it holds.</param>
/// <param name="Bytes">Their size, unpacked.</param>
/// <param name="HoldsCluster">Whether the embedded cluster's objects are in it.</param>
public sealed record BackupContent(string Version, DateTimeOffset Began, int Files, long Bytes, bool HoldsCluster);

/// <summary>Reads backups: to see that one is whole, and to make a data folder of it.</summary>
public static class BackupReader
{
    private const int LongestSums = 1 << 30;
    private const int LongestAbout = 1 << 16;

    /// <summary>Reads all of a backup and says what it holds.</summary>
    /// <exception cref="BackupException">It is cut off, damaged, or none.</exception>
    public static Task<BackupContent> CheckAsync(string file, CancellationToken cancellation) => ReadAsync(file, null, cancellation);

    /// <summary>
    /// Makes a data folder of a backup. It is unpacked beside its place and moved there when every sum was right, so a backup that is damaged, a
    /// full disk and a kill leave no data folder that could be taken for one.
    /// </summary>
    /// <param name="file">The backup.</param>
    /// <param name="data">The data folder: absent or empty.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="BackupException">The folder holds something, or the backup is cut off, damaged, of a later version, or none.</exception>
    public static async Task<BackupContent> RestoreAsync(string file, string data, CancellationToken cancellation)
    {
        data = Path.TrimEndingDirectorySeparator(Path.GetFullPath(data));
        if (Directory.Exists(data) && Directory.EnumerateFileSystemEntries(data).Any())
        {
            throw new BackupException($"{data}: holds something already, which is not written over. Name another folder with --data, or move this one away");
        }

        var parent = Path.GetDirectoryName(data) ?? throw new BackupException($"{data}: is no place for a data folder. Name another with --data");
        Directory.CreateDirectory(parent);
        var draft = Path.Combine(parent, $".{Path.GetFileName(data)}.restoring-{Guid.NewGuid():N}");
        try
        {
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(draft);
            else Directory.CreateDirectory(draft, BackupArchive.Private | UnixFileMode.UserExecute);
            var content = await ReadAsync(file, draft, cancellation).ConfigureAwait(false);
            if (Directory.Exists(data)) Directory.Delete(data);
            Directory.Move(draft, data);
            return content;
        }
        finally
        {
            if (Directory.Exists(draft)) Directory.Delete(draft, recursive: true);
        }
    }

    private static async Task<BackupContent> ReadAsync(string file, string? into, CancellationToken cancellation)
    {
        try
        {
            var packed = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, useAsync: true);
            await using (packed.ConfigureAwait(false))
            {
                var unpacked = new GZipStream(packed, CompressionMode.Decompress);
                await using (unpacked.ConfigureAwait(false))
                {
                    var tar = new TarReader(unpacked);
                    await using (tar.ConfigureAwait(false))
                    {
                        return await ReadAsync(file, tar, into, cancellation).ConfigureAwait(false);
                    }
                }
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException or JsonException)
        {
            throw new BackupException($"{file}: is no whole backup: {e.Message.TrimEnd('.')}. Use another one, or make it again with capstan backup", e);
        }
    }

    private static async Task<BackupContent> ReadAsync(string file, TarReader tar, string? into, CancellationToken cancellation)
    {
        var sums = new Dictionary<string, string>(StringComparer.Ordinal);
        var links = new List<(string Path, string Target)>();
        var about = default(AboutBackup);
        var bytes = 0L;
        while (await tar.GetNextEntryAsync(copyData: false, cancellation).ConfigureAwait(false) is { } entry)
        {
            if (about is null)
            {
                if (entry.Name != BackupArchive.AboutName) throw new InvalidDataException("it does not begin with " + BackupArchive.AboutName);
                about = Understand(file, JsonSerializer.Deserialize(await TextAsync(entry, LongestAbout, cancellation).ConfigureAwait(false), BackupJson.Default.AboutBackup));
                continue;
            }

            if (entry.Name == BackupArchive.SumsName)
            {
                Compare(sums, await TextAsync(entry, LongestSums, cancellation).ConfigureAwait(false));
                MakeLinks(links);
                return new BackupContent(about.Version, about.Began, sums.Count, bytes, about.Cluster == "embedded");
            }

            var place = Place(into, entry.Name);
            switch (entry.EntryType)
            {
                case TarEntryType.Directory:
                    if (place is not null) MakeFolder(place, entry.Mode);
                    break;
                case TarEntryType.RegularFile:
                    bytes += entry.Length;
                    if (!sums.TryAdd(entry.Name, await CopyAsync(entry, place, cancellation).ConfigureAwait(false))) throw new InvalidDataException($"it holds {entry.Name} twice");
                    break;

                // Made last, so that no file is ever written through one.
                case TarEntryType.SymbolicLink:
                    if (place is not null) links.Add((place, entry.LinkName));
                    break;
                default:
                    throw new InvalidDataException($"it holds {entry.Name}, which is neither a file nor a folder nor a link");
            }
        }

        throw new InvalidDataException("its end is missing");
    }

    private static AboutBackup Understand(string file, AboutBackup? about) => about switch
    {
        null => throw new InvalidDataException("it does not say what it is"),
        { Format: > BackupArchive.Format } or { DataFormat: > DataFormat.Current } =>
            throw new BackupException($"{file}: was made by a later version of Capstan ({about.Version}). Restore it with that version"),
        _ => about,
    };

    /// <summary>Where an entry goes; null when nothing is written.</summary>
    private static string? Place(string? into, string name)
    {
        if (!name.StartsWith(BackupArchive.DataFolder, StringComparison.Ordinal) || name.Split('/').Any(p => p is ".." or ".") || name.Contains('\0'))
        {
            throw new InvalidDataException($"it holds \"{name}\", which lies out of the data folder");
        }

        return into is null ? null : Path.Combine(into, name[BackupArchive.DataFolder.Length..].TrimEnd('/'));
    }

    private static void MakeFolder(string place, UnixFileMode mode)
    {
        Directory.CreateDirectory(place);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(place, mode | BackupArchive.Private | UnixFileMode.UserExecute);
    }

    private static void MakeLinks(List<(string Path, string Target)> links)
    {
        var made = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (path, target) in links)
        {
            for (var above = Path.GetDirectoryName(path); above is not null; above = Path.GetDirectoryName(above))
            {
                if (made.Contains(above)) throw new InvalidDataException($"it holds a link within the link {Path.GetFileName(above)}");
            }

            File.CreateSymbolicLink(path, target);
            made.Add(path);
        }
    }

    private static async Task<string> CopyAsync(TarEntry entry, string? place, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (place is not null) Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = entry.Mode | BackupArchive.Private;
        var output = place is null ? null : new FileStream(place, options);
        try
        {
            var buffer = new byte[1 << 16];
            while (entry.DataStream is { } content && await content.ReadAsync(buffer, cancellation).ConfigureAwait(false) is > 0 and var read)
            {
                hash.AppendData(buffer.AsSpan(0, read));
                if (output is not null) await output.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
            }

            output?.Flush(flushToDisk: true);
        }
        finally
        {
            if (output is not null) await output.DisposeAsync().ConfigureAwait(false);
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private static async Task<string> TextAsync(TarEntry entry, int longest, CancellationToken cancellation)
    {
        if (entry.Length > longest) throw new InvalidDataException($"{entry.Name} in it is too long");
        using var reader = new StreamReader(entry.DataStream ?? Stream.Null, Encoding.UTF8);
        return await reader.ReadToEndAsync(cancellation).ConfigureAwait(false);
    }

    private static void Compare(Dictionary<string, string> sums, string written)
    {
        var lines = written.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (var line in lines)
        {
            var (sum, name) = line.Split("  ", 2) is [var first, var second] ? (first, second) : throw new InvalidDataException("its sums cannot be read");
            if (sums.GetValueOrDefault(name) != sum) throw new InvalidDataException($"{name} in it is missing or damaged");
        }

        if (lines.Length != sums.Count) throw new InvalidDataException("it holds files that it says nothing of");
    }
}
