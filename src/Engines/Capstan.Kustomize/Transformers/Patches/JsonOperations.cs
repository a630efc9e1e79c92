using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Kustomize.Transformers.Patches;

/// <summary>JSON patches as kustomize's library applies them: replacing a key that a map does not have adds it.</summary>
internal static class JsonOperations
{
    // Operations are applied one by one, so that their copies must be limited here.
    private const int MaxCopies = 1_000;

    public static YamlNode Apply(YamlNode document, YamlNode operations)
    {
        if (operations is not YamlList list || list.Count > JsonPatch.MaxOperations)
        {
            return JsonPatch.Apply(document, operations);
        }

        if (list.Count(operation => (operation as YamlMap)?["op"]?.AsString() == "copy") > MaxCopies)
        {
            throw new KustomizeException($"a JSON patch has more than {MaxCopies:N0} copy operations", kind: KustomizeProblem.TooLarge);
        }

        foreach (var operation in list)
        {
            document = JsonPatch.Apply(document, new YamlList([Adding(document, operation)]));
        }

        return document;
    }

    private static YamlNode Adding(YamlNode document, YamlNode operation)
    {
        if (operation is not YamlMap map || map["op"]?.AsString() != "replace" || map["path"]?.AsString() is not { Length: > 0 } path)
        {
            return operation;
        }

        YamlNode? parent = document;
        var parts = path.Split('/').Skip(1).Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToArray();
        foreach (var part in parts.SkipLast(1))
        {
            parent = parent switch
            {
                YamlMap node => node[part],
                YamlList items when int.TryParse(part, out var index) && index >= 0 && index < items.Count => items[index],
                _ => null,
            };
        }

        return parent is YamlMap holder && !holder.ContainsKey(parts[^1]) ? map.With("op", "add") : operation;
    }
}
