using Capstan.Delivery.Applications;
using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets.Generators;

/// <summary>Each parameter set of the first generator with each that the second yields for it (Argo CD, Generators-Matrix.md).</summary>
internal sealed class MatrixGenerator : IGenerator
{
    public string Field => "matrix";

    public async Task<IReadOnlyList<YamlMap>> GenerateAsync(GeneratorCall call, CancellationToken cancellation)
    {
        var fields = call.Fields();
        var children = Nested.Read(call, fields);
        call.Check(fields);
        if (children.Count != 2)
        {
            throw new SetException($"{call.Path}.generators holds {children.Count}; a matrix combines exactly two", SetConditions.InvalidSpec);
        }

        var made = new List<YamlMap>();
        foreach (var first in await Nested.RunAsync(call, children, 0, call.Outer, cancellation).ConfigureAwait(false))
        {
            foreach (var second in await Nested.RunAsync(call, children, 1, Merging.Over(call.Outer, first), cancellation).ConfigureAwait(false))
            {
                made.Add(call.Set.GoTemplate ? Merging.Over(first, second) : Combine(call, first, second));
                if (made.Count > call.Run.Most)
                {
                    throw new SetException($"{call.Path} yields more than {call.Run.Most:N0} combinations");
                }
            }
        }

        return made;
    }

    private static YamlMap Combine(GeneratorCall call, YamlMap first, YamlMap second)
    {
        var combined = first.ToBuilder();
        foreach (var (key, value) in second)
        {
            if (first[key] is { } before && !before.Equals(value))
            {
                throw new SetException($"{call.Path}: found duplicate key {key} with different value, a: {before.AsString()} ,b: {value.AsString()}");
            }

            combined.Set(key, value);
        }

        return combined.ToMap();
    }
}

/// <summary>Generators within a generator: one more level at most.</summary>
internal static class Nested
{
    public static List<YamlMap> Read(GeneratorCall call, FieldReader fields)
    {
        if (call.Depth > 1)
        {
            throw new SetException($"{call.Path}: matrix and merge may lie within one another once only", SetConditions.InvalidSpec);
        }

        return [.. fields.Items("generators").Select((g, i) => g as YamlMap
            ?? throw new SetException($"{call.Path}.generators[{i}] must be a map, it is {g.Description}", SetConditions.InvalidSpec))];
    }

    public static Task<IReadOnlyList<YamlMap>> RunAsync(GeneratorCall call, List<YamlMap> children, int index, YamlMap outer, CancellationToken cancellation) =>
        GeneratorRunner.RunAsync(children[index], $"{call.Path}.generators[{index}]", call.Run, outer, call.Depth + 1, cancellation);
}
