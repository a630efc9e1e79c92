using System.Text;
using System.Text.Json;

namespace Capstan.OciClient;

/// <summary>The credentials of a Docker configuration: <c>~/.docker/config.json</c>, podman's <c>auth.json</c>, and Secrets of the type <c>kubernetes.io/dockerconfigjson</c>.</summary>
public static class DockerConfigFile
{
    /// <summary>Reads the credentials by registry. Entries that need a helper program are left out.</summary>
    /// <exception cref="FormatException">It is no such file.</exception>
    public static IReadOnlyDictionary<string, RegistryCredential> Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 16 });
            var found = new Dictionary<string, RegistryCredential>(StringComparer.OrdinalIgnoreCase);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("auths", out var auths) || auths.ValueKind != JsonValueKind.Object) return found;
            foreach (var entry in auths.EnumerateObject())
            {
                if (entry.Value.ValueKind == JsonValueKind.Object && Read(entry.Value) is { } credential) found[HostOf(entry.Name)] = credential;
            }

            return found;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException("the Docker configuration is no JSON", e);
        }
    }

    private static RegistryCredential? Read(JsonElement entry)
    {
        if (Text(entry, "identitytoken") is { Length: > 0 } token) return new RegistryCredential("", token);
        if (Text(entry, "username") is { Length: > 0 } user) return new RegistryCredential(user, Text(entry, "password") ?? "");
        var buffer = new byte[(Text(entry, "auth")?.Length ?? 0) + 4];
        if (!Convert.TryFromBase64String(Text(entry, "auth") ?? "", buffer, out var length) || length == 0) return null;
        var pair = Encoding.UTF8.GetString(buffer, 0, length).TrimEnd('\0');
        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : new RegistryCredential(pair[..colon], pair[(colon + 1)..]);
    }

    // Docker writes its own registry as an address with a path.
    private static string HostOf(string key)
    {
        var host = key.Contains("://", StringComparison.Ordinal) ? key[(key.IndexOf("://", StringComparison.Ordinal) + 3)..] : key;
        host = host.Split('/')[0];
        return host == "index.docker.io" ? Oci.References.ImageReference.DockerHub : host;
    }

    private static string? Text(JsonElement entry, string name) => entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
