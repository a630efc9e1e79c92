using System.Globalization;

namespace Capstan.Registry.Endpoints;

/// <summary>Which bytes of a blob are wanted (RFC 9110, section 14).</summary>
/// <param name="Start">The first byte.</param>
/// <param name="Length">How many.</param>
internal readonly record struct ByteRange(long Start, long Length)
{
    /// <summary>Reads a Range header. Several ranges at once, and units that are not bytes, are not served in parts: the whole is the answer.</summary>
    /// <returns>False when no byte of the blob lies in the range, or it ends before it begins.</returns>
    public static bool TryRead(string? header, long size, out ByteRange? range)
    {
        range = null;
        if (header is null || !header.StartsWith("bytes=", StringComparison.OrdinalIgnoreCase) || header.Contains(',', StringComparison.Ordinal)) return true;
        if (header[6..].Trim().Split('-') is not [var from, var to] || (from.Length == 0 && to.Length == 0)) return true;
        if (from.Length == 0)
        {
            if (!TryNumber(to, out var suffix)) return true;
            if (suffix == 0 || size == 0) return false;
            range = new ByteRange(Math.Max(0, size - suffix), Math.Min(suffix, size));
            return true;
        }

        if (!TryNumber(from, out var start)) return true;
        var end = long.MaxValue;
        if (to.Length > 0 && !TryNumber(to, out end)) return true;
        if (start == 0 && size == 0) return true;
        if (start >= size || end < start) return false;
        range = new ByteRange(start, Math.Min(end, size - 1) - start + 1);
        return true;
    }

    private static bool TryNumber(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
