using Capstan.Resources;
using Capstan.Sources.Git.Urls;
using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets.Controlling;

/// <summary>Which sets a push concerns.</summary>
internal static class SetRepositories
{
    /// <summary>Whether a set's generators read a repository. An address that is made of parameters may be any.</summary>
    public static Func<KubernetesObject, bool> Read(RepositoryUrl pushed) => set => Addresses(set.Spec["generators"]).Any(text =>
        text.Contains("{{", StringComparison.Ordinal) || (RepositoryUrl.TryParse(text, out var url, out _) && (url.Equals(pushed) || url.NamesSameRepository(pushed))));

    private static IEnumerable<string> Addresses(YamlNode? node) => node switch
    {
        YamlList list => list.SelectMany(Addresses),
        YamlMap map => map.SelectMany(e => e switch
        {
            // This server's own host: any of its repositories may be one of those.
            { Key: "scmProvider", Value: YamlMap scm } when scm.ContainsKey("capstan") => ["{{"],
            { Key: "repoURL" } when e.Value.AsString() is { } url => [url],
            _ => Addresses(e.Value),
        }),
        _ => [],
    };
}
