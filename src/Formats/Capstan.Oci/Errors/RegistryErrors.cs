using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Capstan.Oci.Errors;

/// <summary>One error on the wire.</summary>
/// <param name="Code">Its code.</param>
/// <param name="Message">What it says.</param>
public sealed record RegistryError(string Code, string Message);

/// <summary>The body of a registry's refusal: <c>{"errors":[{"code":…,"message":…}]}</c>.</summary>
public static class RegistryErrors
{
    private const int MostErrors = 20;
    private const int LongestMessage = 500;

    /// <summary>Writes a body.</summary>
    public static byte[] Write(params ReadOnlySpan<RegistryError> errors)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("errors");
            foreach (var error in errors)
            {
                writer.WriteStartObject();
                writer.WriteString("code", error.Code);
                writer.WriteString("message", error.Message);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads the body of a refusal as far as it is one; other registries send pages and texts of their own. Control characters are taken out.</summary>
    public static IReadOnlyList<RegistryError> Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 16 });
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("errors", out var list) && list.ValueKind == JsonValueKind.Array
                ? [.. list.EnumerateArray().Take(MostErrors).Where(e => e.ValueKind == JsonValueKind.Object).Select(e => new RegistryError(Text(e, "code"), Text(e, "message")))]
                : [];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A page of a proxy, or nothing; or half of a surrogate pair, which is no text.
            return [];
        }
    }

    private static string Text(JsonElement error, string name)
    {
        var text = error.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";
        return string.Concat(text.Take(LongestMessage).Select(c => char.IsControl(c) ? ' ' : c));
    }
}
