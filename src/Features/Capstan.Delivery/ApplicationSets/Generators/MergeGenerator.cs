using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets.Generators;

/// <summary>The parameter sets of the first generator, with those of the others of the same merge keys over them (Argo CD, Generators-Merge.md).</summary>
internal sealed class MergeGenerator : IGenerator
{
    public string Field => "merge";

    public async Task<IReadOnlyList<YamlMap>> GenerateAsync(GeneratorCall call, CancellationToken cancellation)
    {
        var fields = call.Fields();
        var children = Nested.Read(call, fields);
        string[] keys = [.. fields.Items("mergeKeys").Select(k => k.AsString() ?? k.ToString()).Distinct()];
        call.Check(fields);
        if (children.Count < 2)
        {
            throw new SetException($"{call.Path}.generators holds {children.Count}; merge wants two or more", SetConditions.InvalidSpec);
        }

        if (keys.Length == 0)
        {
            throw new SetException($"{call.Path}.mergeKeys: no merge keys were specified, Merge requires at least one merge key", SetConditions.InvalidSpec);
        }

        var order = new List<string>();
        var merged = new Dictionary<string, YamlMap>(StringComparer.Ordinal);
        for (var i = 0; i < children.Count; i++)
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var parameters in await Nested.RunAsync(call, children, i, call.Outer, cancellation).ConfigureAwait(false))
            {
                var key = KeyOf(parameters, keys);
                if (!seen.Add(key))
                {
                    throw new SetException(
                        $"{call.Path}.generators[{i}]: the parameters from a generator were not unique by the given mergeKeys, Merge requires all param sets to be unique. Duplicate key was {key}");
                }

                if (i == 0)
                {
                    order.Add(key);
                    merged[key] = parameters;
                }
                else if (merged.TryGetValue(key, out var below))
                {
                    merged[key] = call.Set.GoTemplate ? Merging.Over(below, parameters) : parameters.Aggregate(below, static (m, p) => m.With(p.Key, p.Value));
                }
            }
        }

        return [.. order.Select(k => merged[k])];
    }

    private static string KeyOf(YamlMap parameters, IEnumerable<string> keys) =>
        keys.Order(StringComparer.Ordinal).Aggregate(YamlMap.Empty, (m, k) => m.With(k, parameters[k] ?? YamlScalar.Null)).ToString();
}
