using System.Text;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Controllers;

/// <summary>The Secrets that Argo CD's label marks as repositories, or as credentials for all addresses with a prefix.</summary>
internal sealed class RepositorySecrets(LiveCache live, DeliveryOptions options)
{
    /// <summary>The ConfigMap whose <c>ssh_known_hosts</c> names the ssh servers that are believed.</summary>
    public const string KnownHosts = "argocd-ssh-known-hosts-cm";

    /// <summary>The ConfigMap that holds, under the name of an https server, the certificates that it is believed by.</summary>
    public const string Certificates = "argocd-tls-certs-cm";

    private static readonly GroupKind Secret = new("", "Secret");
    private static readonly GroupKind ConfigMap = new("", "ConfigMap");

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

    /// <summary>A value of one of Argo CD's ConfigMaps beside its Applications; null when none has it.</summary>
    public string? Setting(string map, string key) => options.ApplicationNamespaces
        .Select(space => live.Find(new ObjectKey(ConfigMap, space, map))?.Read().Body.At("data", key)?.AsString())
        .FirstOrDefault(text => !string.IsNullOrWhiteSpace(text));

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
