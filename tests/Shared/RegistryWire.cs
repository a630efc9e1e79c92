using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Capstan.Testing;

/// <summary>A registry's answer, read to its end.</summary>
public sealed record WireAnswer(int Status, byte[] Body, IReadOnlyDictionary<string, string> Headers)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public string? this[string header] => Headers.GetValueOrDefault(header);

    public string Location => this["Location"] ?? throw new InvalidOperationException($"the answer {Status} has no Location");
}

/// <summary>Speaks to a registry as plainly as HTTP allows: what is sent is what the test says.</summary>
public sealed class RegistryWire : IDisposable
{
    private readonly HttpClient _http;

    public RegistryWire(Uri address, string? user, string? password)
    {
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false }) { BaseAddress = address };
        if (user is not null) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
    }

    public static string DigestOf(ReadOnlySpan<byte> content, bool sha512 = false) =>
        sha512 ? "sha512:" + Convert.ToHexStringLower(SHA512.HashData(content)) : "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    public async Task<WireAnswer> SendAsync(string method, string path, byte[]? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null || method is "POST" or "PUT" or "PATCH") request.Content = new ByteArrayContent(body ?? []);
        foreach (var (name, value) in headers)
        {
            if (name == "Transfer-Encoding") request.Headers.TransferEncodingChunked = true;
            else if (name.StartsWith("Content-", StringComparison.Ordinal)) request.Content!.Headers.TryAddWithoutValidation(name, value);
            else request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _http.SendAsync(request);
        var all = response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
        return new WireAnswer((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(), all);
    }

    /// <summary>Begins an upload; gives the address to go on with.</summary>
    public async Task<string> BeginAsync(string name, string query = "") => (await SendAsync("POST", $"/v2/{name}/blobs/uploads/{query}")).Location;

    public Task<WireAnswer> PatchAsync(string location, byte[] chunk, string? range = null) => range is null
        ? SendAsync("PATCH", location, chunk, ("Content-Type", "application/octet-stream"))
        : SendAsync("PATCH", location, chunk, ("Content-Type", "application/octet-stream"), ("Content-Range", range));

    public Task<WireAnswer> FinishAsync(string location, string digest, byte[]? last = null, params (string Name, string Value)[] headers) =>
        SendAsync("PUT", location + (location.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "digest=" + Uri.EscapeDataString(digest), last ?? [], [("Content-Type", "application/octet-stream"), .. headers]);

    /// <summary>Pushes a blob by POST and PUT; gives its digest.</summary>
    public async Task<string> PushBlobAsync(string name, byte[] content, bool sha512 = false)
    {
        var digest = DigestOf(content, sha512);
        var answer = await FinishAsync(await BeginAsync(name), digest, content);
        return answer.Status == 201 ? digest : throw new InvalidOperationException($"the blob was not taken: {answer.Status} {answer.Text}");
    }

    public Task<WireAnswer> PutManifestAsync(string name, string reference, string json, string? mediaType = "application/vnd.oci.image.manifest.v1+json") =>
        SendAsync("PUT", $"/v2/{name}/manifests/{reference}", Encoding.UTF8.GetBytes(json), mediaType is null ? [] : [("Content-Type", mediaType)]);

    /// <summary>Pushes a configuration, a layer and the image of both; gives the image's JSON.</summary>
    public async Task<string> PushImageAsync(string name, string tag, string content = "layer")
    {
        var json = await ImageJsonAsync(name, content);
        var answer = await PutManifestAsync(name, tag, json);
        return answer.Status == 201 ? json : throw new InvalidOperationException($"the manifest was not taken: {answer.Status} {answer.Text}");
    }

    /// <summary>Pushes a configuration and a layer; gives the JSON of the image of both.</summary>
    public async Task<string> ImageJsonAsync(string name, string content = "layer", string? extra = null)
    {
        var (config, layer) = ("{\"architecture\":\"amd64\",\"os\":\"linux\"}"u8.ToArray(), Encoding.UTF8.GetBytes(content));
        await PushBlobAsync(name, config);
        await PushBlobAsync(name, layer);
        return $$"""
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{{Descriptor("application/vnd.oci.image.config.v1+json", config)}},"layers":[{{Descriptor("application/vnd.oci.image.layer.v1.tar", layer)}}]{{extra}}}
            """;
    }

    public static string Descriptor(string mediaType, ReadOnlySpan<byte> content) =>
        $$"""{"mediaType":"{{mediaType}}","digest":"{{DigestOf(content)}}","size":{{content.Length}}}""";

    public void Dispose() => _http.Dispose();
}
