using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Capstan.Server.Problems;
using Capstan.Yaml;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Endpoints;

/// <summary>Bodies in and out.</summary>
internal static class Json
{
    private const string ContentType = "application/json";

    public static async Task<T> ReadAsync<T>(HttpContext http, JsonTypeInfo<T> type)
    {
        if (http.Request.ContentLength is 0) throw RequestProblem.Malformed("the body is empty");
        if (http.Request.ContentType?.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase) != true)
        {
            throw new RequestProblem(415, "content-type", "This content type is not taken", $"{http.Request.ContentType}: only {ContentType} is taken");
        }
        try
        {
            return await JsonSerializer.DeserializeAsync(http.Request.Body, type, http.RequestAborted).ConfigureAwait(false) ?? throw RequestProblem.Malformed("the body is null");
        }
        catch (JsonException e)
        {
            throw RequestProblem.Malformed($"{e.LineNumber + 1}:{e.BytePositionInLine + 1}: {e.Message}");
        }
    }

    public static Task WriteAsync<T>(HttpContext http, T value, JsonTypeInfo<T> type, int status = 200)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = ContentType;
        return http.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(value, type), http.RequestAborted).AsTask();
    }

    public static Task WriteAsync(HttpContext http, YamlNode value)
    {
        http.Response.ContentType = ContentType;
        return http.Response.Body.WriteAsync(JsonText.WriteBytes(value), http.RequestAborted).AsTask();
    }
}
