using Capstan.LocalCluster.ApiServer.Operations;
using Capstan.Yaml;
using Microsoft.AspNetCore.Http;

namespace Capstan.LocalCluster.ApiServer.Http;

/// <summary>Reads request bodies within limits.</summary>
internal static class RequestBody
{
    /// <summary>3 MiB, as the API server accepts.</summary>
    public const int MostBytes = 3 * 1024 * 1024;

    private const string Readable = "application/json, application/yaml";

    private static readonly ReadLimits Strict = new() { MaxBytes = MostBytes, MaxDepth = 1_000, MaxNodes = 1_000_000, DuplicateKeys = DuplicateKeys.Refuse };
    private static readonly ReadLimits Lenient = Strict with { DuplicateKeys = DuplicateKeys.LastWins };

    /// <summary>The bytes of the body.</summary>
    public static async Task<byte[]> ReadBytesAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (request.ContentLength > MostBytes)
        {
            throw ApiErrors.TooLarge(MostBytes);
        }

        // Compressed bodies are not taken: nothing may grow behind the limit.
        if (request.Headers.ContentEncoding.ToString() is { Length: > 0 } encoding and not "identity")
        {
            throw ApiErrors.Unsupported($"Content-Encoding: {encoding}", Readable);
        }

        using var buffer = new MemoryStream((int)(request.ContentLength ?? 4096));
        var chunk = System.Buffers.ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            int read;
            while ((read = await request.Body.ReadAsync(chunk, cancellation).ConfigureAwait(false)) > 0)
            {
                if (buffer.Length + read > MostBytes)
                {
                    throw ApiErrors.TooLarge(MostBytes);
                }

                buffer.Write(chunk, 0, read);
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(chunk);
        }

        return buffer.ToArray();
    }

    /// <summary>The body as an object.</summary>
    public static async Task<YamlMap> ReadObjectAsync(HttpRequest request, WriteOptions options, CancellationToken cancellation)
    {
        var type = MediaType(request);
        if (type is not ("" or "application/json" or "application/yaml"))
        {
            throw ApiErrors.Unsupported(type, Readable);
        }

        var bytes = await ReadBytesAsync(request, cancellation).ConfigureAwait(false);
        return Parse(bytes, type == "application/yaml", options) as YamlMap ?? throw ApiErrors.BadRequest("the body of the request must be an object");
    }

    public static string MediaType(HttpRequest request) => (request.ContentType ?? "").Split(';')[0].Trim();

    /// <summary>Parses a body. Keys written twice are an error, a warning or nothing, as the caller asked; the last one counts.</summary>
    public static YamlNode Parse(byte[] bytes, bool yaml, WriteOptions options)
    {
        if (bytes.Length == 0)
        {
            throw ApiErrors.BadRequest("the body of the request is empty");
        }

        try
        {
            return Read(bytes, yaml, Strict);
        }
        catch (YamlException error) when (options.FieldValidation != FieldValidation.Strict && IsDuplicate(error))
        {
            if (options.FieldValidation == FieldValidation.Warn)
            {
                options.Warnings.Add(error.Message);
            }

            return ReadLenient(bytes, yaml);
        }
        catch (YamlException error)
        {
            throw ApiErrors.BadRequest(IsDuplicate(error) ? $"strict decoding error: {error.Message}" : $"error parsing the body of the request: {error.Message}");
        }
    }

    private static YamlNode ReadLenient(byte[] bytes, bool yaml)
    {
        try
        {
            return Read(bytes, yaml, Lenient);
        }
        catch (YamlException error)
        {
            throw ApiErrors.BadRequest($"error parsing the body of the request: {error.Message}");
        }
    }

    private static YamlNode Read(byte[] bytes, bool yaml, ReadLimits limits) => yaml ? YamlText.ReadOne(bytes, limits) : JsonText.Read(bytes, limits);

    private static bool IsDuplicate(YamlException error) => error.Problem.Contains("twice", StringComparison.Ordinal);
}
