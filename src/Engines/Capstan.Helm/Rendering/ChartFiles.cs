using Capstan.GoTemplates;
using Capstan.Helm.Charts;
using Capstan.Helm.Functions;

namespace Capstan.Helm.Rendering;

/// <summary><c>.Files</c>: what the chart holds besides templates.</summary>
internal sealed class ChartFiles : GoMap
{
    private static readonly GoType GoTypeOf = new(GoKind.Map, "engine.files", GoType.Bytes, GoType.MapOf(GoType.Bytes));

    private ChartFiles()
        : base(GoTypeOf)
    {
    }

    public static ChartFiles Of(IEnumerable<ChartFile> files)
    {
        var map = new ChartFiles();
        foreach (var file in files)
        {
            map[file.Name] = new GoBytes(file.Content.ToArray());
        }

        return map;
    }

    public override GoFunction? Method(string name) => name switch
    {
        "Get" => new GoFunction(name, [GoType.String], false, (_, a) => Bytes((string)a[0]!)?.ToText() ?? ""),
        "GetBytes" => new GoFunction(name, [GoType.String], false, (_, a) => Bytes((string)a[0]!) ?? new GoBytes([])),
        "Glob" => new GoFunction(name, [GoType.String], false, (_, a) => Glob((string)a[0]!)),
        "Lines" => new GoFunction(name, [GoType.String], false, (_, a) => Lines((string)a[0]!)),
        "AsConfig" => new GoFunction(name, [], false, (_, _) => ByName(static b => b.ToText())),
        "AsSecrets" => new GoFunction(name, [], false, (_, _) => ByName(static b => Convert.ToBase64String(b.AsSpan()))),
        _ => null,
    };

    private GoBytes? Bytes(string name) => this[name] as GoBytes;

    private ChartFiles Glob(string pattern)
    {
        var glob = GobwasGlob.Parse(pattern);
        var found = new ChartFiles();
        foreach (var name in SortedKeys)
        {
            if (glob.IsMatch(name))
            {
                found[name] = this[name];
            }
        }

        return found;
    }

    private GoArray Lines(string name)
    {
        var text = Bytes(name)?.ToText();
        if (text is null)
        {
            return GoArray.OfStrings([]);
        }

        return GoArray.OfStrings((text.EndsWith('\n') ? text[..^1] : text).Split('\n'));
    }

    private string ByName(Func<GoBytes, string> show)
    {
        var map = new GoMap(GoType.MapOfString, Count);
        foreach (var name in SortedKeys)
        {
            map[PathFunctions.Base(name)] = show((GoBytes)this[name]!);
        }

        return DataFunctions.Yaml(map);
    }
}
