using System.Formats.Tar;
using System.IO.Compression;
using Capstan.Oci.Content;
using Capstan.Oci.Manifests;

namespace Capstan.Registry.Building.Files;

/// <summary>A layer that was written: the descriptor of its compressed form, the digest of its plain form, and the file.</summary>
internal sealed record WrittenLayer(Descriptor Blob, Digest DiffId, string File);

/// <summary>Writes layers that depend on nothing but what is in them: entries ordered by path, one fixed time, no names of users.</summary>
internal static class LayerWriter
{
    public static async Task<WrittenLayer> WriteAsync(IReadOnlyDictionary<string, FileNode> entries, DateTimeOffset time, string work, CancellationToken cancellation)
    {
        var path = Path.Combine(work, Guid.NewGuid().ToString("N") + ".tar.gz");
        Digest diff, blob;
        using (var file = new HashingFile(path))
        {
            using (var plain = new HashingPass(new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true)))
            {
                var tar = new TarWriter(plain, TarEntryFormat.Gnu, leaveOpen: true);
                await using (tar.ConfigureAwait(false))
                {
                    foreach (var (name, node) in entries.OrderBy(e => e.Key, StringComparer.Ordinal)) await WriteAsync(tar, name, node, time, cancellation).ConfigureAwait(false);
                }

                diff = plain.Digest();
            }

            blob = file.Digest();
        }

        return new WrittenLayer(new Descriptor { MediaType = MediaTypes.LayerGzip, Digest = blob.ToString(), Size = new FileInfo(path).Length }, diff, path);
    }

    private static async Task WriteAsync(TarWriter tar, string name, FileNode node, DateTimeOffset time, CancellationToken cancellation)
    {
        // GNU's form: PAX would write the moment of writing beside each entry.
        var type = node.Kind switch
        {
            FileNodeKind.Folder => TarEntryType.Directory,
            FileNodeKind.Link => TarEntryType.SymbolicLink,
            _ => TarEntryType.RegularFile,
        };
        var entry = new GnuTarEntry(type, node.Kind == FileNodeKind.Folder ? name + "/" : name)
        {
            Mode = (UnixFileMode)node.Mode,
            Uid = node.User,
            Gid = node.Group,
            ModificationTime = time,
        };
        if (node.Kind == FileNodeKind.Link) entry.LinkName = node.Target;
        if (node.Kind != FileNodeKind.File)
        {
            await tar.WriteEntryAsync(entry, cancellation).ConfigureAwait(false);
            return;
        }

        var content = node.Open();
        await using (content.ConfigureAwait(false))
        {
            entry.DataStream = content;
            await tar.WriteEntryAsync(entry, cancellation).ConfigureAwait(false);
        }
    }

    private sealed class HashingFile(string path) : HashingPass(new FileStream(path, FileMode.CreateNew));

    /// <summary>Hashes what passes through.</summary>
    private class HashingPass(Stream inner) : Stream
    {
        private readonly ContentHasher _hasher = new();

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => _hasher.Length;

        public override long Position
        {
            get => _hasher.Length;
            set => throw new NotSupportedException("It is written once.");
        }

        public Digest Digest() => _hasher.Current();

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _hasher.Append(buffer);
            inner.Write(buffer);
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _hasher.Append(buffer.Span);
            return inner.WriteAsync(buffer, cancellationToken);
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("It is written only.");

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("It is written once.");

        public override void SetLength(long value) => throw new NotSupportedException("It is written once.");

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
                _hasher.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
