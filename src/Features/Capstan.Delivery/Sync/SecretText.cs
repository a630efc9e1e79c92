using System.Text;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Sync;

/// <summary>Keeps the values of a Secret out of what an API server says of it.</summary>
internal static class SecretText
{
    private const int ShortestHidden = 3;

    public static string Hide(KubernetesObject? secret, string message)
    {
        if (secret is null || secret.GroupKind != new GroupKind("", "Secret"))
        {
            return message;
        }

        // Servers quote values, so those with line ends or quotes stand there in another form.
        foreach (var value in Values(secret).SelectMany(v => (string[])[v, JsonText.Write(YamlScalar.String(v))[1..^1]])
            .Where(v => v.Length >= ShortestHidden).Distinct().OrderByDescending(v => v.Length))
        {
            message = message.Replace(value, "***", StringComparison.Ordinal);
        }

        return message;
    }

    private static IEnumerable<string> Values(KubernetesObject secret)
    {
        foreach (var (_, value) in secret.Body["data"] as YamlMap ?? YamlMap.Empty)
        {
            if (value.AsString() is { } encoded)
            {
                yield return encoded;
                var plain = new byte[encoded.Length];
                if (Convert.TryFromBase64String(encoded, plain, out var length))
                {
                    yield return Encoding.UTF8.GetString(plain, 0, length);
                }
            }
        }

        foreach (var (_, value) in secret.Body["stringData"] as YamlMap ?? YamlMap.Empty)
        {
            if (value.AsString() is { } text)
            {
                yield return text;
                yield return Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
            }
        }
    }
}
