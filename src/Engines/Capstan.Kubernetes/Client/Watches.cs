using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Capstan.Yaml;

namespace Capstan.Kubernetes;

/// <summary>Reads watches, event by event, without taking the objects apart.</summary>
internal static class Watches
{
    private const int LargestEvent = 64 * 1024 * 1024;

    /// <summary>The events; the bytes of an object are valid until the next event is asked for.</summary>
    public static async IAsyncEnumerable<(WatchEventKind Kind, ReadOnlyMemory<byte> Object)> ReadAsync(
        ClusterWire wire, ApiResource resource, ListOptions options, string resourceVersion, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // The server ends every watch after a while; different times for each, so that they do not all come back at once.
        var timeout = TimeSpan.FromSeconds(240 + Random.Shared.Next(240));
        var request = Requests.Watch(resource, options, resourceVersion, timeout);
        using var stream = await wire.OpenAsync(request, cancellation).ConfigureAwait(false);
        await foreach (var line in stream.LinesAsync(LargestEvent, cut: false, timeout + TimeSpan.FromSeconds(15), cancellation).ConfigureAwait(false))
        {
            var (type, body) = Split(wire, line);
            if (type == "ERROR")
            {
                throw WireErrors.From(request, HttpStatusCode.InternalServerError, body.Span, null);
            }

            if (Kind(type) is { } kind)
            {
                yield return (kind, body);
            }
        }
    }

    private static WatchEventKind? Kind(string type) => type switch
    {
        "ADDED" => WatchEventKind.Added,
        "MODIFIED" => WatchEventKind.Modified,
        "DELETED" => WatchEventKind.Deleted,
        "BOOKMARK" => WatchEventKind.Bookmark,
        _ => null,
    };

    private static (string Type, ReadOnlyMemory<byte> Object) Split(ClusterWire wire, ReadOnlyMemory<byte> line)
    {
        var (type, body) = ("", ReadOnlyMemory<byte>.Empty);
        try
        {
            var reader = new Utf8JsonReader(line.Span, new JsonReaderOptions { MaxDepth = 1001 });
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isType = reader.ValueTextEquals("type"u8);
                var isObject = reader.ValueTextEquals("object"u8);
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                type = isType && reader.TokenType == JsonTokenType.String ? JsonText.ReadString(ref reader) : type;
                reader.Skip();
                body = isObject ? line[start..(int)reader.BytesConsumed] : body;
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new ClusterUnreachableException(wire.ClusterName, "an event of its watch is broken off", inner: error);
        }

        return (type, body);
    }
}
