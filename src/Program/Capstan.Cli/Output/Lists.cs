using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Cli.Output;

/// <summary>One object as itself, several as a <c>List</c>: kubectl's rule.</summary>
internal static class Lists
{
    public static YamlNode Of(IReadOnlyList<KubernetesObject> objects, bool one) => one && objects.Count == 1
        ? objects[0].Body
        : YamlMap.Of(("apiVersion", "v1"), ("kind", "List"), ("items", new YamlList(objects.Select(o => o.Body))));
}
