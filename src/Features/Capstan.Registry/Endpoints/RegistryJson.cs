using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Capstan.Registry.Endpoints;

/// <summary>Small answers in JSON.</summary>
internal static class RegistryJson
{
    public static async Task WriteAsync(HttpContext http, string contentType, Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        await WriteAsync(http, contentType, buffer.WrittenMemory).ConfigureAwait(false);
    }

    public static async Task WriteAsync(HttpContext http, string contentType, ReadOnlyMemory<byte> content)
    {
        http.Response.ContentType = contentType;
        http.Response.ContentLength = content.Length;
        if (!HttpMethods.IsHead(http.Request.Method)) await http.Response.Body.WriteAsync(content, http.RequestAborted).ConfigureAwait(false);
    }
}
