using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Capstan.Yaml;

/// <summary>Reads and writes JSON as trees.</summary>
public static class JsonText
{
    private static readonly JsonWriterOptions Compact = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
        MaxDepth = 100_000,
    };

    private static readonly JsonWriterOptions Indented = Compact with { Indented = true, IndentSize = 4 };

    /// <summary>Reads one JSON value.</summary>
    /// <param name="utf8">The text. A byte order mark is skipped.</param>
    /// <param name="limits">What is accepted; <see cref="ReadLimits.Default"/> when null.</param>
    /// <param name="withPositions">Whether nodes learn their line and column; reading is a little slower then.</param>
    /// <exception cref="YamlException">The text is no JSON, or over a limit.</exception>
    public static YamlNode Read(ReadOnlySpan<byte> utf8, ReadLimits? limits = null, bool withPositions = false) =>
        new JsonTreeReader(utf8, limits ?? ReadLimits.Default, withPositions).Read();

    /// <summary>Reads one JSON value from a string.</summary>
    /// <exception cref="YamlException">The text is no JSON, or over a limit.</exception>
    public static YamlNode Read(string text, ReadLimits? limits = null) => Read(Encoding.UTF8.GetBytes(text), limits);

    /// <summary>
    /// The string or name that a reader stands on, with half a surrogate pair read as U+FFFD, as API servers do. What others sent must not
    /// be read by the library's own <c>GetString</c>, which throws on it.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is no string, or its bytes are no UTF-8.</exception>
    public static string ReadString(ref Utf8JsonReader reader) => reader.ValueIsEscaped ? JsonEscapes.Read(ref reader) : reader.GetString() ?? "";

    /// <summary>Writes a tree as compact JSON, keys in the tree's order.</summary>
    public static void Write(YamlNode node, IBufferWriter<byte> output, bool indented = false)
    {
        using var writer = new Utf8JsonWriter(output, indented ? Indented : Compact);
        JsonTreeWriter.Write(node, writer);
        writer.Flush();
    }

    /// <summary>Writes a tree as compact JSON, keys in the tree's order.</summary>
    public static string Write(YamlNode node, bool indented = false)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        Write(node, buffer, indented);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Writes a tree as compact JSON bytes, keys in the tree's order.</summary>
    public static byte[] WriteBytes(YamlNode node)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        Write(node, buffer);
        return buffer.WrittenSpan.ToArray();
    }
}
