using System.Text;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Node.Pods;

/// <summary>What ConfigMaps and Secrets hold.</summary>
internal static class ObjectData
{
    /// <summary>All keys with their bytes.</summary>
    public static Dictionary<string, byte[]> Bytes(KubernetesObject from)
    {
        var data = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var encoded = from.Kind == "Secret" ? from.Body["data"] : from.Body["binaryData"];
        foreach (var (key, value) in encoded as YamlMap ?? YamlMap.Empty)
        {
            data[key] = Decode(value.AsString() ?? "");
        }

        foreach (var (key, value) in from.Kind == "Secret" ? YamlMap.Empty : from.Body["data"] as YamlMap ?? YamlMap.Empty)
        {
            data[key] = Encoding.UTF8.GetBytes(value.AsString() ?? "");
        }

        return data;
    }

    /// <summary>All keys with their text.</summary>
    public static Dictionary<string, string> Texts(KubernetesObject from) =>
        Bytes(from).ToDictionary(e => e.Key, e => Encoding.UTF8.GetString(e.Value), StringComparer.Ordinal);

    private static byte[] Decode(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var count) ? bytes[..count] : [];
    }
}
