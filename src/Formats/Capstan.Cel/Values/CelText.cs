using System.Globalization;
using System.Text;

namespace Capstan.Cel;

/// <summary>Values as text.</summary>
public static class CelText
{
    private const int MostShown = 200;

    /// <summary>A value as messages show it.</summary>
    public static string Show(CelValue value) => value switch
    {
        CelString text => text.Value.Length > MostShown ? text.Value[..MostShown] + "…" : text.Value,
        CelList list => string.Create(CultureInfo.InvariantCulture, $"list of {list.Count}"),
        CelMap map => string.Create(CultureInfo.InvariantCulture, $"map of {map.Count}"),
        CelNull => "null",
        CelType type => type.Name,
        CelFault fault => fault.Message,
        _ => Convert(value) ?? value.TypeName,
    };

    /// <summary>A value as <c>string(x)</c> gives it; null where there is no such conversion.</summary>
    internal static string? Convert(CelValue value) => value switch
    {
        CelString text => text.Value,
        CelBool => ReferenceEquals(value, CelBool.True) ? "true" : "false",
        CelInt number => number.Value.ToString(CultureInfo.InvariantCulture),
        CelUInt number => number.Value.ToString(CultureInfo.InvariantCulture),
        CelDouble number => Number(number.Value),
        CelBytes bytes => Utf8(bytes.Value),
        CelTimestamp time => Time(time.Value),
        CelDuration span => Seconds(span.Nanoseconds) + "s",
        _ => null,
    };

    /// <summary>A double as Go's <c>%g</c> writes it: with an exponent below 1e-4 and from 1e6.</summary>
    internal static string Number(double value)
    {
        if (!double.IsFinite(value)) return double.IsNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
        if (value == 0) return double.IsNegative(value) ? "-0" : "0";
        var shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        var mark = shortest.IndexOf('E', StringComparison.Ordinal);
        var written = mark < 0 ? shortest : shortest[..mark];
        var point = written.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? written.Length : point;
        var all = written.Replace(".", "", StringComparison.Ordinal);
        var digits = all.TrimStart('0');
        var exponent = whole - 1 - (all.Length - digits.Length)
            + (mark < 0 ? 0 : int.Parse(shortest.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
        digits = digits.TrimEnd('0');
        return (value < 0 ? "-" : "") + (exponent is < -4 or >= 6 ? Scientific(digits, exponent) : Plain(digits, exponent));
    }

    private static string Scientific(string digits, int exponent) => string.Create(
        CultureInfo.InvariantCulture, $"{digits[0]}{(digits.Length > 1 ? "." : "")}{digits.AsSpan(1)}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");

    private static string Plain(string digits, int exponent) =>
        exponent < 0 ? "0." + new string('0', -exponent - 1) + digits
        : digits.Length <= exponent + 1 ? digits.PadRight(exponent + 1, '0')
        : digits.Insert(exponent + 1, ".");

    internal static string Time(DateTimeOffset value)
    {
        var fraction = value.Ticks % TimeSpan.TicksPerSecond;
        var text = value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        return fraction == 0 ? text + "Z" : $"{text}.{fraction.ToString("0000000", CultureInfo.InvariantCulture).TrimEnd('0')}Z";
    }

    internal static string Seconds(long nanoseconds) => (nanoseconds / 1_000_000_000m).ToString("0.#########", CultureInfo.InvariantCulture);

    private static string? Utf8(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
