using System.Formats.Tar;
using System.IO.Compression;

namespace Capstan.Registry.Building.Files;

/// <summary>Reads a layer or archive (tar, plain or gzip) into a tree; contents go to files of a work folder.</summary>
internal static class LayerReader
{
    private const long MostBytes = 64L << 30;

    /// <param name="tar">The archive.</param>
    /// <param name="into">The tree.</param>
    /// <param name="prefix">Where in it; empty for the root.</param>
    /// <param name="work">Where contents are kept.</param>
    /// <param name="isLayer">Whether names beginning with <c>.wh.</c> take things away.</param>
    /// <param name="added">Told of each path that was put in.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task ReadAsync(Stream tar, RootTree into, string prefix, string work, bool isLayer, Action<string>? added, CancellationToken cancellation)
    {
        var buffered = new BufferedStream(tar, 64 * 1024);
        var reader = new TarReader(await PlainAsync(buffered, cancellation).ConfigureAwait(false), leaveOpen: true);
        await using var closing = reader.ConfigureAwait(false);
        var total = 0L;
        while (await reader.GetNextEntryAsync(copyData: false, cancellation).ConfigureAwait(false) is { } entry)
        {
            if (entry.EntryType is TarEntryType.GlobalExtendedAttributes) continue;
            // Resolved within the tree, so that neither .. nor a link leads out of it.
            var path = into.Resolve(prefix + "/" + entry.Name, lastToo: false);
            if (path.Length == 0) continue;
            var name = path[(path.LastIndexOf('/') + 1)..];
            if (isLayer && name.StartsWith(".wh.", StringComparison.Ordinal))
            {
                var folder = path[..^name.Length].TrimEnd('/');
                if (name == ".wh..wh..opq") into.RemoveBeneath(folder);
                else into.Remove(folder.Length == 0 ? name[4..] : $"{folder}/{name[4..]}");
                continue;
            }

            total += entry.Length;
            if (total > MostBytes) throw new BuildException($"an archive holds more than {MostBytes:N0} bytes");
            into.Put(path, await NodeAsync(entry, into, prefix, work, cancellation).ConfigureAwait(false));
            added?.Invoke(path);
        }
    }

    /// <summary>Whether a file is an archive that <c>ADD</c> unpacks.</summary>
    public static bool IsArchive(Stream content)
    {
        var head = new byte[512];
        var length = content.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        return (length >= 3 && head[0] == 0x1F && head[1] == 0x8B) || (length >= 262 && head.AsSpan(257, 5).SequenceEqual("ustar"u8));
    }

    private static async Task<Stream> PlainAsync(BufferedStream tar, CancellationToken cancellation)
    {
        var head = new byte[2];
        var length = await tar.ReadAtLeastAsync(head, 2, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        var whole = new HeadedStream(head.AsMemory(0, length), tar);
        if (length == 2 && head[0] == 0x28 && head[1] == 0xB5) throw new BuildException("a layer is compressed by zstd, which is not read here; push the image with gzip");
        return length == 2 && head[0] == 0x1F && head[1] == 0x8B ? new GZipStream(whole, CompressionMode.Decompress) : whole;
    }

    private static async Task<FileNode> NodeAsync(TarEntry entry, RootTree into, string prefix, string work, CancellationToken cancellation)
    {
        var node = new FileNode(KindOf(entry.EntryType)) { Mode = (int)entry.Mode & 0xFFF, User = entry.Uid, Group = entry.Gid };
        switch (node.Kind)
        {
            case FileNodeKind.Link:
                return node with { Target = entry.LinkName };
            case FileNodeKind.HardLink:
                // Its content is that of the file which it names; written again as a file of its own it is the same tree.
                return into.Find(into.Resolve(prefix + "/" + entry.LinkName, lastToo: false)) ?? throw new BuildException($"an archive names the file {entry.LinkName}, which is not in it");
            case FileNodeKind.File:
                var file = Path.Combine(work, Guid.NewGuid().ToString("N"));
                var stream = new FileStream(file, FileMode.CreateNew);
                await using (stream.ConfigureAwait(false))
                {
                    if (entry.DataStream is { } data) await data.CopyToAsync(stream, cancellation).ConfigureAwait(false);
                }

                return node with { Size = new FileInfo(file).Length, Open = () => File.OpenRead(file) };
            default:
                return node;
        }
    }

    private static FileNodeKind KindOf(TarEntryType type) => type switch
    {
        TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile => FileNodeKind.File,
        TarEntryType.Directory => FileNodeKind.Folder,
        TarEntryType.SymbolicLink => FileNodeKind.Link,
        TarEntryType.HardLink => FileNodeKind.HardLink,
        _ => FileNodeKind.Other,
    };

    /// <summary>A stream whose first bytes were looked at already.</summary>
    private sealed class HeadedStream(ReadOnlyMemory<byte> head, Stream rest) : Stream
    {
        private ReadOnlyMemory<byte> _head = head;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException("The length is not known.");

        public override long Position
        {
            get => throw new NotSupportedException("The position is not known.");
            set => throw new NotSupportedException("It is read once.");
        }

        public override int Read(Span<byte> buffer)
        {
            if (_head.Length == 0) return rest.Read(buffer);
            var count = Math.Min(buffer.Length, _head.Length);
            _head.Span[..count].CopyTo(buffer);
            _head = _head[count..];
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            _head.Length == 0 ? rest.ReadAsync(buffer, cancellationToken) : ValueTask.FromResult(Read(buffer.Span));

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("It is read once.");

        public override void SetLength(long value) => throw new NotSupportedException("It is read only.");

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("It is read only.");
    }
}
