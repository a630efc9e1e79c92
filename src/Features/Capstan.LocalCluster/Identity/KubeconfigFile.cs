using System.Text;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Identity;

/// <summary>The kubeconfig with which kubectl and every other client reaches the cluster as the administrator.</summary>
internal static class KubeconfigFile
{
    private const string Name = "capstan";

    /// <summary>Writes the file; JSON, which is YAML too.</summary>
    public static void Write(string file, Uri address, ClusterIdentity identity) => SecretFiles.Write(file, JsonText.Write(YamlMap.Of(
        ("apiVersion", "v1"),
        ("kind", "Config"),
        ("current-context", Name),
        ("clusters", YamlList.Create([YamlMap.Of(("name", Name), ("cluster", YamlMap.Of(
            ("server", address.GetLeftPart(UriPartial.Authority)), ("certificate-authority-data", Base64(identity.Authority.ExportCertificatePem())))))])),
        ("contexts", YamlList.Create([YamlMap.Of(("name", Name), ("context", YamlMap.Of(("cluster", Name), ("user", Name), ("namespace", "default"))))])),
        ("users", YamlList.Create([YamlMap.Of(("name", Name), ("user", YamlMap.Of(
            ("token", identity.Token),
            ("client-certificate-data", Base64(identity.Client.ExportCertificatePem())), ("client-key-data", Base64(identity.ClientKeyPem)))))]))), indented: true) + "\n");

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
