using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>What every Kubernetes object must have before anything else is asked of it.</summary>
public static class ObjectRules
{
    /// <summary>The longest <c>metadata.name</c>: a DNS subdomain (Kubernetes, apimachinery validation).</summary>
    public const int LongestName = 253;

    /// <summary>
    /// What is wrong with a node that should be an object: everything at once, each as one sentence; nothing when it is well-formed.
    /// </summary>
    public static IReadOnlyList<string> Problems(YamlNode node)
    {
        if (node is not YamlMap body)
        {
            return [$"an object must be a map, this is {node.Description}"];
        }

        var problems = new List<string>();
        RequireText(body["apiVersion"], "apiVersion", problems);
        if (body["apiVersion"]?.AsString() is { Length: > 0 } apiVersion && (apiVersion.Count(c => c == '/') > 1 || apiVersion[0] == '/' || apiVersion[^1] == '/'))
        {
            problems.Add($"apiVersion \"{apiVersion}\" is none; write VERSION or GROUP/VERSION");
        }

        RequireText(body["kind"], "kind", problems);
        if (body["metadata"] is not YamlMap metadata)
        {
            problems.Add(body["metadata"] is { IsNull: false } other ? $"metadata must be a map, it is {other.Description}" : "metadata is missing");
            return problems;
        }

        if (metadata["name"] is null or { IsNull: true } && metadata["generateName"] is YamlScalar { Kind: ScalarKind.String })
        {
            return problems;
        }

        RequireText(metadata["name"], "metadata.name", problems);
        if (metadata["name"]?.AsString() is { Length: > LongestName } name)
        {
            problems.Add($"metadata.name has {name.Length} characters, at most {LongestName} are allowed");
        }

        if (metadata["namespace"] is { IsNull: false } space && space.AsString() is null)
        {
            problems.Add($"metadata.namespace must be a string, it is {space.Description}");
        }

        RequireTexts(metadata["labels"], "metadata.labels", problems);
        RequireTexts(metadata["annotations"], "metadata.annotations", problems);
        return problems;
    }

    private static void RequireText(YamlNode? node, string field, List<string> problems)
    {
        if (node is null or { IsNull: true })
        {
            problems.Add($"{field} is missing");
        }
        else if (node.AsString() is not { } text)
        {
            problems.Add($"{field} must be a string, it is {node.Description}");
        }
        else if (text.Length == 0)
        {
            problems.Add($"{field} is empty");
        }
    }

    private static void RequireTexts(YamlNode? node, string field, List<string> problems)
    {
        if (node is null or { IsNull: true })
        {
            return;
        }

        if (node is not YamlMap map)
        {
            problems.Add($"{field} must be a map, it is {node.Description}");
            return;
        }

        foreach (ref readonly var entry in map.AsSpan())
        {
            if (entry.Value.AsString() is null)
            {
                problems.Add($"{field}[\"{entry.Key}\"] must be a string, it is {entry.Value.Description}; put it in quotes");
            }
        }
    }
}
