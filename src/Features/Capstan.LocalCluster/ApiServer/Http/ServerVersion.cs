using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Http;

/// <summary>Which Kubernetes the server speaks like.</summary>
internal static class ServerVersion
{
    public const string GitVersion = "v1.33.0+capstan";

    public static readonly YamlMap Document = YamlMap.Of(
        ("major", "1"), ("minor", "33"), ("gitVersion", GitVersion), ("gitCommit", ""), ("gitTreeState", "clean"), ("buildDate", "1970-01-01T00:00:00Z"),
        ("goVersion", "none"), ("compiler", "dotnet"), ("platform", "linux/amd64"));
}
