using System.Security.Cryptography;
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
        return WriteAsync(http, JsonSerializer.SerializeToUtf8Bytes(value, type));
    }

    public static Task WriteAsync(HttpContext http, YamlNode value) => WriteAsync(http, JsonText.WriteBytes(value));

    /// <summary>An answer's tag is a hash of it: who has it already is told so instead. It is a weak one, since the same answer travels compressed or not.</summary>
    private static Task WriteAsync(HttpContext http, byte[] body)
    {
        if (HttpMethods.IsGet(http.Request.Method) && http.Response.StatusCode == StatusCodes.Status200OK)
        {
            var tag = $"W/\"{Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(..16))}\"";
            http.Response.Headers.ETag = tag;
            if (http.Response.Headers.CacheControl.Count == 0) http.Response.Headers.CacheControl = "private, no-cache";
            if (http.Request.Headers.IfNoneMatch.SelectMany(v => (v ?? "").Split(',')).Any(v => v.Trim() is "*" || v.Trim().TrimStart('W', '/') == tag[2..]))
            {
                http.Response.StatusCode = StatusCodes.Status304NotModified;
                return Task.CompletedTask;
            }
        }
        http.Response.ContentType = ContentType;
        http.Response.ContentLength = body.Length;
        return http.Response.Body.WriteAsync(body, http.RequestAborted).AsTask();
    }
}
