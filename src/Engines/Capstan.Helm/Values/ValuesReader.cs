using Capstan.GoTemplates;
using Capstan.Helm.Data;
using Capstan.Yaml;

namespace Capstan.Helm.Values;

/// <summary>Reads files of values and lays maps over one another.</summary>
internal static class ValuesReader
{
    /// <summary>The documents of a file, later ones over earlier ones.</summary>
    /// <exception cref="GoException">The text is no YAML, or a document is no map.</exception>
    public static GoMap Read(ReadOnlySpan<byte> utf8)
    {
        IReadOnlyList<YamlNode> documents;
        try
        {
            documents = YamlText.ReadAll(utf8, HelmYaml.Limits);
        }
        catch (YamlException error)
        {
            throw new GoException($"cannot unmarshal yaml document: {new HelmYamlException(error, GoText.FromBytes(utf8)).Message}", error);
        }

        GoMap values = new();
        foreach (var document in documents)
        {
            var map = document as YamlMap ?? throw new GoException(
                "cannot unmarshal yaml document: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal "
                + $"{Functions.DataFunctions.GoKindOf(document)} into Go value of type map[string]interface {{}}");
            values = values.Count == 0 ? GoTree.ToMap(map) : Overlay(values, GoTree.ToMap(map));
        }

        return values;
    }

    /// <summary>A new map of the first with the second laid over it; maps within are merged.</summary>
    public static GoMap Overlay(GoMap under, GoMap over)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        var result = new GoMap(under, GoType.MapOfAny);
        foreach (var key in over.SortedKeys)
        {
            var value = over[key];
            result[key] = value is GoMap map && result.TryGetValue(key, out var known) && known is GoMap knownMap
                ? Overlay(knownMap, map)
                : value;
        }

        return result;
    }
}
