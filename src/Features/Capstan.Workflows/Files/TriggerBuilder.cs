using Capstan.Expressions;
using Capstan.Yaml;

namespace Capstan.Workflows.Files;

/// <summary>Makes the triggers of <c>on</c> in any of its three forms.</summary>
internal static class TriggerBuilder
{
    public static IReadOnlyList<Trigger> Build(YamlNode on, Position position) => on switch
    {
        YamlMap map => [.. map.Select(e => Full(e.Key, e.KeyPosition, e.Value))],
        YamlList list => [.. list.Select(ModelBuilder.Text).OfType<Field>().Select(f => new Trigger(f.Text, f.Position))],
        _ when ModelBuilder.Text(on) is { } name => [new Trigger(name.Text, name.Position)],
        _ => [new Trigger("", position)],
    };

    private static Trigger Full(string name, Position position, YamlNode settings) => settings switch
    {
        YamlList schedules => new Trigger(name, position)
        {
            Schedules = [.. schedules.OfType<YamlMap>().Select(m => new Schedule(ModelBuilder.Text(m["cron"])!, ModelBuilder.Text(m["timezone"])))],
        },
        YamlMap map => new Trigger(name, position)
        {
            Filters = map.Where(e => e.Key is not ("inputs" or "outputs" or "secrets")).ToDictionary(e => e.Key, e => ModelBuilder.Texts(e.Value), StringComparer.Ordinal),
            Inputs = Inputs(map["inputs"]),
            Outputs = (map["outputs"] as YamlMap ?? YamlMap.Empty).ToDictionary(e => e.Key, e => ModelBuilder.Text(e.Value.AsMap()?["value"]) ?? new Field("", e.KeyPosition), StringComparer.Ordinal),
            Secrets = (map["secrets"] as YamlMap ?? YamlMap.Empty).ToDictionary(e => e.Key, e => IsTrue(e.Value.AsMap()?["required"]), StringComparer.Ordinal),
        },
        _ => new Trigger(name, position),
    };

    /// <summary>The inputs of a workflow or of an action.</summary>
    public static IReadOnlyList<Input> Inputs(YamlNode? node) =>
    [
        .. (node as YamlMap ?? YamlMap.Empty).Select(e => new Input(e.Key, e.KeyPosition)
        {
            Settings = e.Value.Position,
            Type = ModelBuilder.Text(e.Value.AsMap()?["type"])?.Text ?? "string",
            Required = IsTrue(e.Value.AsMap()?["required"]),
            Default = e.Value.AsMap()?["default"] as YamlScalar,
            Options = [.. ModelBuilder.Texts(e.Value.AsMap()?["options"]).Select(o => o.Text)],
            Description = ModelBuilder.Text(e.Value.AsMap()?["description"])?.Text ?? "",
        }),
    ];

    private static bool IsTrue(YamlNode? node) => node is YamlScalar scalar && CoreScalars.Read(scalar) is { Kind: ValueKind.Boolean, IsTruthy: true };
}
