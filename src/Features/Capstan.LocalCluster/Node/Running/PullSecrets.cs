using System.Text;
using Capstan.Containers.Images;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.Node.Pods;
using Capstan.Resources;
using Capstan.Yaml;
using Kinds = Capstan.LocalCluster.Controllers.Kinds;

namespace Capstan.LocalCluster.Node.Running;

/// <summary>Credentials for registries from a pod's <c>imagePullSecrets</c>.</summary>
internal static class PullSecrets
{
    private const string DockerHub = "docker.io";

    /// <summary>Who pulls an image; null when no Secret names its registry.</summary>
    public static RegistryCredential? Find(ClusterClient cluster, KubernetesObject pod, string image)
    {
        var registry = Registry(image);
        foreach (var reference in pod.Spec.Maps("imagePullSecrets"))
        {
            if (cluster.Get(new ObjectKey(Kinds.Secret, pod.Namespace, reference.Text("name"))) is { } secret
                && ObjectData.Texts(secret).TryGetValue(".dockerconfigjson", out var text) && Read(text) is { } config)
            {
                foreach (var (address, entry) in config.MapAt("auths"))
                {
                    if (Plain(address) == registry && entry is YamlMap login && Login(login) is var (user, password) && user.Length > 0)
                    {
                        return new RegistryCredential(user, password, registry);
                    }
                }
            }
        }

        return null;
    }

    private static YamlMap? Read(string text)
    {
        try
        {
            return JsonText.Read(Encoding.UTF8.GetBytes(text)) as YamlMap;
        }
        catch (YamlException)
        {
            // A Secret that holds something else is none of ours.
            return null;
        }
    }

    private static (string User, string Password) Login(YamlMap login)
    {
        if (login.Text("username") is { Length: > 0 } user)
        {
            return (user, login.Text("password"));
        }

        var bytes = new byte[login.Text("auth").Length];
        if (!Convert.TryFromBase64String(login.Text("auth"), bytes, out var count))
        {
            return ("", "");
        }

        var parts = Encoding.UTF8.GetString(bytes, 0, count).Split(':', 2);
        return parts.Length == 2 ? (parts[0], parts[1]) : ("", "");
    }

    // What comes before the first slash is a registry when it has a dot or a port, or is localhost.
    private static string Registry(string image)
    {
        var first = image.Split('/')[0];
        return image.Contains('/', StringComparison.Ordinal) && (first.Contains('.', StringComparison.Ordinal) || first.Contains(':', StringComparison.Ordinal) || first == "localhost") ? first : DockerHub;
    }

    private static string Plain(string address)
    {
        var host = address.Replace("https://", "", StringComparison.Ordinal).Replace("http://", "", StringComparison.Ordinal).Split('/')[0];
        return host is "index.docker.io" or "registry-1.docker.io" ? DockerHub : host;
    }
}
