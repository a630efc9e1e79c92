using System.Text;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Controllers;

/// <summary>The Secrets that Argo CD's label marks as repositories, or as credentials for all addresses with a prefix.</summary>
internal sealed class RepositorySecrets(LiveCache live, DeliveryOptions options)
{
    private static readonly GroupKind Secret = new("", "Secret");

    /// <summary>All of them as they are now.</summary>
    public IEnumerable<(string Type, IReadOnlyDictionary<string, string> Data)> All()
    {
        foreach (var secret in options.ApplicationNamespaces.SelectMany(space => live.List(Secret, space)))
        {
            var type = secret.Mark(Cluster.SecretTypeLabel);
            if (type is "repository" or "repo-creds")
            {
                yield return (type, Data(secret.Read()));
            }
        }
    }

    private static Dictionary<string, string> Data(KubernetesObject secret)
    {
        var data = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in secret.Body["data"] as YamlMap ?? YamlMap.Empty)
        {
            var encoded = value.AsString() ?? "";
            var bytes = new byte[encoded.Length];
            if (Convert.TryFromBase64String(encoded, bytes, out var length))
            {
                data[key] = Encoding.UTF8.GetString(bytes, 0, length);
            }
        }

        return data;
    }
}
