using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Kubernetes;

/// <summary>Reads what API servers answer.</summary>
internal static class WireJson
{
    /// <summary>A server's answer is larger and less hostile than a file of a repository, but not trusted either.</summary>
    public static readonly ReadLimits Limits = new()
    {
        MaxBytes = 256 * 1024 * 1024,
        MaxNodes = 50_000_000,
        DuplicateKeys = DuplicateKeys.LastWins,
    };

    /// <summary>One object.</summary>
    /// <exception cref="YamlException">It is no object.</exception>
    public static KubernetesObject Object(ReadOnlySpan<byte> body) => new(Map(body));

    /// <summary>One map.</summary>
    /// <exception cref="YamlException">It is no map.</exception>
    public static YamlMap Map(ReadOnlySpan<byte> body) => JsonText.Read(body, Limits) as YamlMap ?? throw new YamlException("it is no JSON object", Position.None);

    /// <summary>The object with apiVersion and kind, which items of a list lack.</summary>
    public static KubernetesObject WithKind(YamlMap item, GroupVersionKind kind)
    {
        if (item.ContainsKey("apiVersion") && item.ContainsKey("kind"))
        {
            return new KubernetesObject(item);
        }

        var builder = new YamlMapBuilder(item.Count + 2);
        builder.Set("apiVersion", kind.ApiVersion).Set("kind", kind.Kind);
        foreach (var (key, value) in item)
        {
            builder.Set(key, value);
        }

        return new KubernetesObject(builder.ToMap());
    }
}
