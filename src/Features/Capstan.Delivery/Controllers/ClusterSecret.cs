using System.Text;
using Capstan.Delivery.Applications;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Controllers;

/// <summary>A cluster registered by a Secret, as Argo CD labels and fills them: <c>name</c>, <c>server</c>, <c>config</c>.</summary>
internal sealed record ClusterSecret(string Name, string Server, YamlMap Config)
{
    private static readonly string[] NotServed = ["awsAuthConfig", "execProviderConfig", "proxyUrl"];

    /// <summary>The project that alone may use it; empty when all may.</summary>
    public string Project { get; init; } = "";

    /// <summary>Reads all but how to connect, so that one Secret that is broken keeps nobody from the others.</summary>
    public static ClusterSecret Peek(KubernetesObject secret) =>
        new(Value(secret, "name"), Value(secret, "server"), YamlMap.Empty) { Project = Value(secret, "project") };

    /// <exception cref="ClusterConfigurationException">Its <c>config</c> cannot be read.</exception>
    public static ClusterSecret Read(KubernetesObject secret)
    {
        var config = Value(secret, "config");
        YamlMap map;
        try
        {
            map = config.Length == 0 ? YamlMap.Empty : JsonText.Read(config) as YamlMap ?? YamlMap.Empty;
        }
        catch (YamlException error)
        {
            // The text holds credentials, so only the place is told.
            throw new ClusterConfigurationException($"{secret.Key}: config is no JSON (at {error.Position})");
        }

        return Peek(secret) with { Config = map };
    }

    public bool Matches(ApplicationDestination destination) => destination.Server.Length > 0
        ? Server.TrimEnd('/') == destination.Server.TrimEnd('/')
        : Name == destination.Name;

    /// <exception cref="ClusterConfigurationException">It asks for what is not served.</exception>
    public ClusterConnection Connect()
    {
        if (NotServed.FirstOrDefault(f => Config[f] is { IsNull: false }) is { } field)
        {
            throw new ClusterConfigurationException($"cluster {Name}: config.{field} is not supported; use bearerToken or a client certificate");
        }

        // A kubeconfig carries everything that can be said, and its reader refuses files and programs.
        var tls = Config["tlsClientConfig"] as YamlMap ?? YamlMap.Empty;
        var cluster = new YamlMapBuilder().Set("server", Server);
        Copy(tls, "caData", cluster, "certificate-authority-data");
        Copy(tls, "serverName", cluster, "tls-server-name");
        Copy(tls, "insecure", cluster, "insecure-skip-tls-verify");
        var user = new YamlMapBuilder();
        Copy(Config, "bearerToken", user, "token");
        Copy(Config, "username", user, "username");
        Copy(Config, "password", user, "password");
        Copy(tls, "certData", user, "client-certificate-data");
        Copy(tls, "keyData", user, "client-key-data");
        if (user.Count == 0)
        {
            throw new ClusterConfigurationException(
                $"cluster {Name}: its Secret holds no credentials; set config.bearerToken, or config.tlsClientConfig.certData with keyData");
        }

        var kubeconfig = YamlMap.Of(
            ("apiVersion", "v1"), ("kind", "Config"), ("current-context", "c"),
            ("clusters", YamlList.Create([YamlMap.Of(("name", "c"), ("cluster", cluster.ToMap()))])),
            ("users", YamlList.Create([YamlMap.Of(("name", "u"), ("user", user.ToMap()))])),
            ("contexts", YamlList.Create([YamlMap.Of(("name", "c"), ("context", YamlMap.Of(("cluster", "c"), ("user", "u"))))])));
        return ClusterConnection.FromKubeconfigText(Name.Length > 0 ? Name : Server, JsonText.WriteBytes(kubeconfig));
    }

    private static void Copy(YamlMap from, string field, YamlMapBuilder to, string name)
    {
        if (from[field] is { IsNull: false } value)
        {
            to.Set(name, value);
        }
    }

    private static string Value(KubernetesObject secret, string key)
    {
        var encoded = secret.Body.At("data", key)?.AsString() ?? "";
        var bytes = new byte[encoded.Length];
        return Convert.TryFromBase64String(encoded, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length).Trim() : "";
    }
}
