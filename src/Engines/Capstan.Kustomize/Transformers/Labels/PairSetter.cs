using Capstan.Kustomize.Resources;
using Capstan.Yaml;

namespace Capstan.Kustomize.Transformers.Labels;

/// <summary>Puts pairs of texts into the maps of one resource after the other.</summary>
internal sealed class PairSetter(IReadOnlyDictionary<string, string> pairs)
{
    private readonly Dictionary<string, YamlScalar> _made = new(StringComparer.Ordinal);
    private Resource? _resource;

    /// <summary>Turns to a resource.</summary>
    /// <param name="resource">The resource whose fields share their texts; null where they do not.</param>
    public void Begin(Resource? resource)
    {
        _made.Clear();
        _resource = resource;
    }

    public YamlNode Set(YamlNode node)
    {
        if (node.IsNull)
        {
            return node;
        }

        if (node is not YamlMap map)
        {
            throw new KustomizeException($"wrong node kind: expected a map of labels or annotations, found {node.Description}");
        }

        var builder = map.ToBuilder();
        foreach (var (key, value) in pairs)
        {
            builder.Set(key, Value(key, value, map[key]));
        }

        return builder.ToMap(map.Position);
    }

    /// <summary>Lets fields that share a text follow one that was changed.</summary>
    public void Settle()
    {
        if (_resource is { Shared: { } shared } resource)
        {
            resource.Body = shared.Settle(resource.Body);
        }
    }

    // A field that is there keeps its node, with other text; where it is not, one node serves all fields.
    private YamlScalar Value(string key, string value, YamlNode? old)
    {
        if (_resource is null || old is not null)
        {
            var text = ScalarNodes.Text(value, old);
            _resource?.Shared?.Change(old, text);
            return text;
        }

        if (!_made.TryGetValue(key, out var made))
        {
            return _made[key] = ScalarNodes.Text(value);
        }

        (_resource.Shared ??= new SharedScalars()).Add(made);
        return made;
    }
}
