using System.Text;
using System.Text.Json;

namespace Capstan.Expressions;

/// <summary>Values from JSON, and back in the layout of <c>JSON.stringify(value, null, 2)</c>.</summary>
public static class ExpressionJson
{
    /// <summary>How deep lists and objects may lie inside one another.</summary>
    public const int MaxDepth = 100;

    /// <summary>The value of a JSON text.</summary>
    /// <exception cref="JsonException">The text is no JSON, or too deep.</exception>
    public static ExpressionValue Read(string json)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json), new JsonReaderOptions { MaxDepth = MaxDepth });
        reader.Read();
        var value = ReadValue(ref reader);
        return reader.Read() ? throw new JsonException("more follows after the value") : value;
    }

    /// <summary>The value as JSON, indented by two spaces.</summary>
    public static string Write(ExpressionValue value)
    {
        var text = new StringBuilder();
        Write(text, value, 0);
        return text.ToString();
    }

    // The reader's own limit on depth bounds this recursion.
    private static ExpressionValue ReadValue(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.True or JsonTokenType.False:
                return ExpressionValue.Of(reader.GetBoolean());
            case JsonTokenType.Number:
                return ExpressionValue.Of(reader.GetDouble());
            case JsonTokenType.String:
                return ExpressionValue.Of(Text(ref reader));
            case JsonTokenType.StartArray:
                var items = new List<ExpressionValue>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) items.Add(ReadValue(ref reader));
                return new ArrayValue(items);
            case JsonTokenType.StartObject:
                return ReadObject(ref reader);
            default:
                return ExpressionValue.Null;
        }
    }

    // Of one name twice the last counts, at the first one's place.
    private static ObjectValue ReadObject(ref Utf8JsonReader reader)
    {
        var entries = new OrderedDictionary<string, ExpressionValue>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = Text(ref reader);
            reader.Read();
            entries[name] = ReadValue(ref reader);
        }

        return new ObjectValue(entries);
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException half)
        {
            throw new JsonException("an escape is half of a surrogate pair", half);
        }
    }

    private static void Write(StringBuilder text, ExpressionValue value, int depth)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (value)
        {
            case ArrayValue { Items.Count: > 0 } list:
                text.Append('[');
                for (var i = 0; i < list.Items.Count; i++)
                {
                    NextLine(text, i > 0, depth + 1);
                    Write(text, list.Items[i], depth + 1);
                }

                NextLine(text, false, depth).Append(']');
                break;
            case ObjectValue { Entries.Count: > 0 } map:
                text.Append('{');
                for (var i = 0; i < map.Entries.Count; i++)
                {
                    NextLine(text, i > 0, depth + 1);
                    Quote(text, map.Entries[i].Key);
                    text.Append(": ");
                    Write(text, map.Entries[i].Value, depth + 1);
                }

                NextLine(text, false, depth).Append('}');
                break;
            case ArrayValue:
                text.Append("[]");
                break;
            case ObjectValue:
                text.Append("{}");
                break;
            case { Kind: ValueKind.String }:
                Quote(text, value.Text);
                break;
            case { Kind: ValueKind.Number }:
                text.Append(double.IsFinite(value.Number) ? JavaScriptNumbers.ToText(value.Number) : "null");
                break;
            case { Kind: ValueKind.Null }:
                text.Append("null");
                break;
            default:
                text.Append(value.Text);
                break;
        }
    }

    private static StringBuilder NextLine(StringBuilder text, bool comma, int depth) => text.Append(comma ? ",\n" : "\n").Append(' ', depth * 2);

    private static void Quote(StringBuilder text, string value)
    {
        text.Append('"');
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                < ' ' => text.Append($"\\u{(int)c:x4}"),
                _ when char.IsHighSurrogate(c) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1]) => text.Append(c).Append(value[++i]),
                _ when char.IsSurrogate(c) => text.Append($"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        }

        text.Append('"');
    }
}
