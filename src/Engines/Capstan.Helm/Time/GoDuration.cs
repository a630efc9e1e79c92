using System.Buffers;
using System.Globalization;
using Capstan.GoTemplates;

namespace Capstan.Helm.Time;

/// <summary>A time.Duration: nanoseconds.</summary>
internal sealed class GoDuration(long nanoseconds) : GoNumber
{
    internal static readonly GoType GoTypeOf = new(GoKind.Int64, "time.Duration");

    private const long Second = 1_000_000_000;

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    public override long Value { get; } = nanoseconds;

    public override GoType Type => GoTypeOf;

    public override string Text
    {
        get
        {
            if (Value == 0)
            {
                return "0s";
            }

            var sign = Value < 0 ? "-" : "";
            var left = Value < 0 ? unchecked((ulong)-Value) : (ulong)Value;
            if (left < Second)
            {
                var (unit, name) = left < 1_000 ? (1m, "ns") : left < 1_000_000 ? (1_000m, "µs") : (1_000_000m, "ms");
                return sign + (left / unit).ToString("0.######", CultureInfo.InvariantCulture) + name;
            }

            var seconds = (decimal)(left % (60 * Second)) / Second;
            var minutes = left / (60 * Second);
            var text = seconds.ToString("0.#########", CultureInfo.InvariantCulture) + "s";
            if (minutes > 0)
            {
                text = $"{minutes % 60}m{text}";
                text = minutes >= 60 ? $"{minutes / 60}h{text}" : text;
            }

            return sign + text;
        }
    }

    public override GoFunction? Method(string name) => name switch
    {
        "Seconds" => Getter(name, Value / 1e9),
        "Minutes" => Getter(name, Value / 6e10),
        "Hours" => Getter(name, Value / 3.6e12),
        "Milliseconds" => Getter(name, Value / 1_000_000),
        "String" => Getter(name, Text),
        _ => null,
    };

    public override bool Equals(object? obj) => obj is GoDuration other && other.Value == Value;

    public override int GetHashCode() => Value.GetHashCode();

    /// <summary>Go's time.ParseDuration: <c>1h15m30.5s</c>.</summary>
    /// <exception cref="GoException">The text is no duration.</exception>
    public static GoDuration Parse(string text)
    {
        var rest = text.AsSpan();
        var negative = rest.StartsWith("-");
        if (negative || rest.StartsWith("+"))
        {
            rest = rest[1..];
        }

        if (rest is "0")
        {
            return new GoDuration(0);
        }

        if (rest.IsEmpty)
        {
            throw new GoException($"time: invalid duration {GoQuote.Quote(text)}");
        }

        decimal total = 0;
        while (!rest.IsEmpty)
        {
            var length = rest.IndexOfAnyExcept(NumberCharacters);
            length = length < 0 ? rest.Length : length;
            if (!decimal.TryParse(rest[..length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                throw new GoException($"time: invalid duration {GoQuote.Quote(text)}");
            }

            rest = rest[length..];
            var end = rest.IndexOfAny(NumberCharacters);
            var unit = end < 0 ? rest : rest[..end];
            if (unit.IsEmpty)
            {
                throw new GoException($"time: missing unit in duration {GoQuote.Quote(text)}");
            }

            var scale = unit switch
            {
                "ns" => 1m,
                "us" or "µs" or "μs" => 1_000m,
                "ms" => 1_000_000m,
                "s" => Second,
                "m" => 60m * Second,
                "h" => 3600m * Second,
                _ => throw new GoException($"time: unknown unit {GoQuote.Quote(unit.ToString())} in duration {GoQuote.Quote(text)}"),
            };
            rest = rest[unit.Length..];
            total += number * scale;
            if (total > long.MaxValue)
            {
                throw new GoException($"time: invalid duration {GoQuote.Quote(text)}");
            }
        }

        return new GoDuration((long)(negative ? -total : total));
    }

    private static GoFunction Getter(string name, object value) => new(name, [], false, (_, _) => value);
}
