using System.Formats.Tar;
using System.IO.Compression;
using Capstan.GoTemplates;

namespace Capstan.Helm.Charts;

/// <summary>Unpacks a .tgz chart into memory, within limits, and refuses members that point out of it.</summary>
internal static class ChartArchive
{
    /// <summary>Bytes of all files together.</summary>
    public const long MaxBytes = 100 * 1024 * 1024;

    /// <summary>Bytes of one file.</summary>
    public const long MaxFileBytes = 5 * 1024 * 1024;

    /// <summary>Members of an archive, or files of a chart.</summary>
    public const int MaxMembers = 10_000;

    /// <summary>The files, their paths relative to the chart's folder.</summary>
    /// <exception cref="ChartException">The archive is damaged, too large, or holds what does not belong into a chart.</exception>
    public static List<ChartFile> Read(ReadOnlyMemory<byte> archive, string shownAs)
    {
        try
        {
            using var stream = new MemoryStream(archive.ToArray(), writable: false);
            using var unzipped = new GZipStream(stream, CompressionMode.Decompress);
            using var limited = new LimitedStream(unzipped, (2 * MaxBytes) + (MaxMembers * 1024L));
            using var tar = new TarReader(limited);
            return Members(tar, shownAs);
        }
        catch (InvalidDataException error)
        {
            throw new ChartException($"{shownAs}: the archive is damaged: {error.Message}", error);
        }
        catch (EndOfStreamException error)
        {
            throw new ChartException($"{shownAs}: the archive ends too early", error);
        }
    }

    private static List<ChartFile> Members(TarReader tar, string shownAs)
    {
        var files = new List<ChartFile>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var left = MaxBytes;
        for (var count = 1; tar.GetNextEntry() is { } entry; count++)
        {
            if (count > MaxMembers)
            {
                throw new ChartException($"{shownAs}: the chart archive has more than {MaxMembers:N0} members");
            }

            if (entry.EntryType is TarEntryType.Directory or TarEntryType.GlobalExtendedAttributes or TarEntryType.ExtendedAttributes)
            {
                continue;
            }

            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile))
            {
                throw new ChartException($"{shownAs}: the chart archive holds {GoQuote.Quote(entry.Name)}, which is no regular file");
            }

            var name = Name(entry.Name);
            if (!names.Add(name))
            {
                throw new ChartException($"{shownAs}: the chart archive holds {GoQuote.Quote(name)} twice");
            }

            files.Add(new ChartFile(name, Content(entry, ref left)) { Source = $"{shownAs}/{name}" });
        }

        return files.Count == 0 ? throw new ChartException("no files in chart archive") : files;
    }

    private static string Name(string member)
    {
        var parts = member.Split(member.Contains('\\', StringComparison.Ordinal) ? '\\' : '/');
        var rest = string.Join('/', parts.Skip(1));
        if (rest.StartsWith('/'))
        {
            throw new ChartException("chart illegally contains absolute paths");
        }

        var name = Functions.PathFunctions.Clean(rest);
        if (name == ".")
        {
            throw new ChartException($"chart illegally contains content outside the base directory: {GoQuote.Quote(member)}");
        }

        if (name.StartsWith("..", StringComparison.Ordinal))
        {
            throw new ChartException("chart illegally references parent directory");
        }

        if (name.Length > 2 && char.IsAsciiLetter(name[0]) && name[1] == ':' && name[2] == '/')
        {
            throw new ChartException("chart contains illegally named files");
        }

        return parts[0] == "Chart.yaml" ? throw new ChartException("chart yaml not in base directory") : name;
    }

    private static byte[] Content(TarEntry entry, ref long left)
    {
        if (entry.Length > left)
        {
            throw new ChartException($"decompressed chart is larger than the maximum size {MaxBytes}");
        }

        if (entry.Length > MaxFileBytes)
        {
            throw new ChartException($"decompressed chart file {GoQuote.Quote(entry.Name)} is larger than the maximum file size {MaxFileBytes}");
        }

        left -= entry.Length;
        var content = new byte[entry.Length];
        entry.DataStream?.ReadExactly(content);
        return ChartLoader.WithoutMark(content).ToArray();
    }

    // Headers and padding count too, so that an archive of nothing but headers ends somewhere.
    private sealed class LimitedStream(Stream inner, long limit) : Stream
    {
        private long _left = limit;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var read = inner.Read(buffer);
            _left -= read;
            return _left < 0 ? throw new ChartException($"decompressed chart is larger than the maximum size {MaxBytes}") : read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
