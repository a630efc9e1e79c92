using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets.Generators;

/// <summary>The parameters stand in the set itself (Argo CD, Generators-List.md).</summary>
internal sealed class ListGenerator : IGenerator
{
    public string Field => "list";

    public Task<IReadOnlyList<YamlMap>> GenerateAsync(GeneratorCall call, CancellationToken cancellation)
    {
        var fields = call.Fields();
        var elements = fields.Items("elements").ToList();
        var text = fields.Text("elementsYaml");
        call.Check(fields);
        if (text.Length > 0)
        {
            try
            {
                elements.AddRange(YamlText.ReadOne(text) switch
                {
                    YamlList list => list,
                    { IsNull: true } => [],
                    var other => throw new SetException($"{call.Path}.elementsYaml must be a list, it is {other.Description}"),
                });
            }
            catch (YamlException error)
            {
                throw new SetException($"{call.Path}.elementsYaml: {error.Problem}", inner: error);
            }
        }

        return Task.FromResult<IReadOnlyList<YamlMap>>([.. elements.Select((e, i) => Read(call, e, i))]);
    }

    private static YamlMap Read(GeneratorCall call, YamlNode element, int index)
    {
        if (element is not YamlMap map)
        {
            throw new SetException($"{call.Path}.elements[{index}] must be a map, it is {element.Description}");
        }

        if (call.Set.GoTemplate)
        {
            return map;
        }

        var parameters = new YamlMapBuilder(map.Count);
        foreach (var (key, value) in map)
        {
            if (key == "values" && value is YamlMap values)
            {
                foreach (var (name, inner) in values)
                {
                    parameters.Set($"values.{name}", Text(call, inner, $"{index}].values.{name}"));
                }
            }
            else
            {
                parameters.Set(key, Text(call, value, $"{index}].{key}"));
            }
        }

        return parameters.ToMap();
    }

    private static string Text(GeneratorCall call, YamlNode value, string where) => value.AsString()
        ?? throw new SetException($"{call.Path}.elements[{where}: error parsing value as string: it is {value.Description}; put it in quotes, or set goTemplate: true");
}
