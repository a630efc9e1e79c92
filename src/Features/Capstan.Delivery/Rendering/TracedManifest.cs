using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Rendering;

/// <summary>What set a field.</summary>
/// <param name="File">The file, from the repository's root; empty when it stands in the Application itself.</param>
/// <param name="Line">The line in it; 0 when it is not known.</param>
/// <param name="By">What it is there: <c>manifest</c>, <c>template</c>, <c>value image.tag</c>, <c>patch</c>, <c>namePrefix</c> …</param>
public sealed record FieldSource(string File, int Line, string By)
{
    /// <summary>The place among the Application's sources of the one that lends the file; null when it is the object's own source.</summary>
    public int? LentBy { get; init; }
}

/// <summary>An object, with the answer to what set each of its fields.</summary>
/// <param name="Object">The object.</param>
/// <param name="SourcesOf">What set the field at a path (keys, and indexes of lists as text), the nearest first.</param>
internal sealed record TracedManifest(KubernetesObject Object, Func<IReadOnlyList<string>, IReadOnlyList<FieldSource>> SourcesOf)
{
    /// <summary>The place of its source among those of the Application.</summary>
    public int Place { get; init; }

    /// <summary>The node at a path; null when there is none.</summary>
    public static YamlNode? Find(YamlNode root, IEnumerable<string> path)
    {
        YamlNode? node = root;
        foreach (var step in path)
        {
            node = node switch
            {
                YamlMap map => map[step],
                YamlList list when int.TryParse(step, out var index) && index >= 0 && index < list.Count => list[index],
                _ => null,
            };
        }

        return node;
    }
}
