using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;

namespace Capstan.LocalCluster.ApiServer.Protobuf;

/// <summary>What a value becomes in JSON.</summary>
internal enum WireForm
{
    Message,
    Text,
    Bytes,
    Integer,
    Boolean,
    Time,
    MicroTime,
    Quantity,
    IntOrString,
    Duration,
    Json,
}

/// <summary>One field of a message.</summary>
/// <param name="Name">Its name in JSON; empty for what is inline there.</param>
/// <param name="Form">What its value becomes.</param>
/// <param name="Message">The message that it holds, for <see cref="WireForm.Message"/>.</param>
internal sealed record WireField(string Name, WireForm Form, string Message)
{
    public bool IsList { get; init; }

    public bool IsMap { get; init; }

    public bool IsInline { get; init; }

    /// <summary>Whether a zero was said on purpose; otherwise the wire has zeros for what was not said.</summary>
    public bool KeepsZero { get; init; }
}

/// <summary>The fields of Kubernetes' messages. The table is read when the first body in protobuf comes, a message when it is first met.</summary>
internal static class WireFields
{
    private static readonly Lazy<FrozenDictionary<string, string>> Lines = new(ReadLines);
    private static readonly ConcurrentDictionary<string, FrozenDictionary<int, WireField>> Messages = new(StringComparer.Ordinal);

    /// <summary>Every message that can be read.</summary>
    public static IEnumerable<string> Names => Lines.Value.Keys;

    /// <summary>The fields of a message by their numbers; null when the message is not known.</summary>
    public static FrozenDictionary<int, WireField>? Of(string message) =>
        Lines.Value.TryGetValue(message, out var line) ? Messages.GetOrAdd(message, static (_, text) => Parse(text), line) : null;

    private static FrozenDictionary<string, string> ReadLines()
    {
        using var stream = typeof(WireFields).Assembly.GetManifestResourceStream("wire-fields.txt")
            ?? throw new InvalidOperationException("The table of protobuf fields is not in the program.");
        using var reader = new StreamReader(stream);
        var lines = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
            {
                var end = line.IndexOf(' ', StringComparison.Ordinal);
                lines[end < 0 ? line : line[..end]] = end < 0 ? "" : line[end..];
            }
        }

        return lines.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static FrozenDictionary<int, WireField> Parse(string line) => line
        .Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(text => text.Split('+'))
        .ToFrozenDictionary(parts => int.Parse(parts[0], CultureInfo.InvariantCulture), parts => Field(parts[1], parts[2]));

    private static WireField Field(string name, string expression)
    {
        var type = expression.TrimStart('[', '<', '?', '!', '^');
        var marks = expression.AsSpan(0, expression.Length - type.Length);
        return new WireField(name, FormOf(type), type)
        {
            IsList = marks.Contains('['),
            IsMap = marks.Contains('<'),
            IsInline = marks.Contains('^'),
            KeepsZero = marks.Length > 0,
        };
    }

    private static WireForm FormOf(string type) => type switch
    {
        "s" => WireForm.Text,
        "y" => WireForm.Bytes,
        "i" => WireForm.Integer,
        "b" => WireForm.Boolean,
        "t" => WireForm.Time,
        "m" => WireForm.MicroTime,
        "q" => WireForm.Quantity,
        "x" => WireForm.IntOrString,
        "d" => WireForm.Duration,
        "r" => WireForm.Json,
        _ => WireForm.Message,
    };
}
