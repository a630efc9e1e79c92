using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Capstan.Sources.Folders;

namespace Capstan.Server.Backups;

/// <summary>Writes the archive of a backup, one file after another, while their writers go on.</summary>
internal sealed class BackupWriter : IAsyncDisposable
{
    private readonly GZipStream _zip;
    private readonly TarWriter _tar;
    private readonly StringBuilder _sums = new();
    private readonly DateTimeOffset _time;

    public BackupWriter(Stream output, DateTimeOffset time)
    {
        _zip = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true);
        _tar = new TarWriter(_zip, TarEntryFormat.Pax, leaveOpen: true);
        _time = time;
    }

    /// <summary>The first entry.</summary>
    public Task WriteAboutAsync(AboutBackup about, CancellationToken cancellation) =>
        WriteTextAsync(BackupArchive.AboutName, JsonSerializer.Serialize(about, BackupJson.Default.AboutBackup) + "\n", cancellation);

    /// <summary>Everything beneath a folder, in order of names. What vanishes meanwhile was deleted, and is left out.</summary>
    /// <param name="folder">The folder on the disk.</param>
    /// <param name="name">Its name in the data folder; empty for the data folder itself.</param>
    /// <param name="takes">Whether a file or folder comes along, by its name in the data folder.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task WriteFolderAsync(string folder, string name, Func<string, bool> takes, CancellationToken cancellation)
    {
        FileSystemInfo[] items;
        try
        {
            items = [.. new DirectoryInfo(folder).EnumerateFileSystemInfos().OrderBy(i => i.Name, StringComparer.Ordinal)];
        }
        catch (DirectoryNotFoundException)
        {
            return;
        }

        if (name.Length > 0) await _tar.WriteEntryAsync(Entry(TarEntryType.Directory, name + "/", new DirectoryInfo(folder).UnixFileMode), cancellation).ConfigureAwait(false);
        foreach (var item in items)
        {
            var path = name.Length == 0 ? item.Name : $"{name}/{item.Name}";
            if (!takes(path)) continue;
            if (item.LinkTarget is { } target)
            {
                var link = Entry(TarEntryType.SymbolicLink, path, item.UnixFileMode);
                link.LinkName = target;
                await _tar.WriteEntryAsync(link, cancellation).ConfigureAwait(false);
            }
            else if (item is DirectoryInfo)
            {
                await WriteFolderAsync(item.FullName, path, takes, cancellation).ConfigureAwait(false);
            }
            else if (!SpecialFiles.IsSpecial(item.FullName))
            {
                await WriteFileAsync(item.FullName, path, item.UnixFileMode, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>One file of the data folder.</summary>
    public async Task WriteFileAsync(string file, string name, UnixFileMode mode, CancellationToken cancellation)
    {
        SnapshotStream content;
        try
        {
            content = new SnapshotStream(file);
        }
        catch (FileNotFoundException)
        {
            return;
        }

        using (content)
        {
            var entry = Entry(TarEntryType.RegularFile, name, mode);
            entry.DataStream = content;
            await _tar.WriteEntryAsync(entry, cancellation).ConfigureAwait(false);
            _sums.Append(content.Sum()).Append("  ").Append(BackupArchive.DataFolder).Append(name).Append('\n');
        }
    }

    /// <summary>The last entry, by which a reader knows that nothing is missing.</summary>
    public async Task FinishAsync(CancellationToken cancellation) => await WriteTextAsync(BackupArchive.SumsName, _sums.ToString(), cancellation).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        await _tar.DisposeAsync().ConfigureAwait(false);
        await _zip.DisposeAsync().ConfigureAwait(false);
    }

    private async Task WriteTextAsync(string name, string text, CancellationToken cancellation)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(text));
        await _tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { Mode = BackupArchive.Private, ModificationTime = _time, DataStream = content }, cancellation).ConfigureAwait(false);
    }

    private PaxTarEntry Entry(TarEntryType type, string name, UnixFileMode mode) => new(type, BackupArchive.DataFolder + name) { Mode = mode, ModificationTime = _time };
}
