using Capstan.GoTemplates;
using Capstan.Helm.Functions;
using Capstan.Helm.Values;

namespace Capstan.Helm.Rendering;

/// <summary>A map of Helm's named type Values, which has methods.</summary>
internal sealed class ChartValues : GoMap
{
    private static readonly GoType GoTypeOf = new(GoKind.Map, "common.Values", GoType.Any, GoType.MapOfAny);

    public ChartValues()
        : base(GoTypeOf)
    {
    }

    public ChartValues(GoMap values)
        : base(values, GoTypeOf)
    {
    }

    public override GoFunction? Method(string name) => name switch
    {
        "YAML" => new GoFunction(name, [], false, (_, _) => DataFunctions.Yaml(this) + "\n"),
        "AsMap" => new GoFunction(name, [], false, (_, _) => new GoMap(this, GoType.MapOfAny)),
        "Table" => new GoFunction(name, [GoType.String], false, (_, a) => new ChartValues(
            ValuePath.Table(this, (string)a[0]!) ?? throw new GoException($"{GoQuote.Quote(((string)a[0]!).Split('.')[^1])} is not a table"))),
        "PathValue" => new GoFunction(name, [GoType.String], false, (_, a) => ValuePath.TryGet(this, (string)a[0]!, out var value)
            ? value
            : throw new GoException($"{GoQuote.Quote(((string)a[0]!).Split('.')[^1])} is not a value")),
        _ => null,
    };
}
