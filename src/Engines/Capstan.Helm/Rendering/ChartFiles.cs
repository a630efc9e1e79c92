using System.Diagnostics.CodeAnalysis;
using Capstan.GoTemplates;
using Capstan.Helm.Charts;
using Capstan.Helm.Functions;

namespace Capstan.Helm.Rendering;

/// <summary><c>.Files</c>: what the chart holds besides templates.</summary>
internal sealed class ChartFiles : GoMap
{
    private static readonly GoType GoTypeOf = new(GoKind.Map, "engine.files", GoType.Bytes, GoType.MapOf(GoType.Bytes));

    private readonly Action<string>? _read;

    private ChartFiles(Action<string>? read)
        : base(GoTypeOf) => _read = read;

    /// <inheritdoc/>
    public override object? this[string key]
    {
        get
        {
            _read?.Invoke(key);
            return base[key];
        }

        set => base[key] = value;
    }

    /// <param name="files">The files.</param>
    /// <param name="read">Told whenever the content of one is asked for; the names alone are nobody's secret.</param>
    public static ChartFiles Of(IEnumerable<ChartFile> files, Action<string>? read)
    {
        var map = new ChartFiles(read);
        foreach (var file in files)
        {
            map[file.Name] = file.Bytes;
        }

        return map;
    }

    /// <inheritdoc/>
    public override bool TryGetValue(string key, [MaybeNullWhen(false)] out object? value)
    {
        _read?.Invoke(key);
        return base.TryGetValue(key, out value);
    }

    /// <inheritdoc/>
    protected override void Copying()
    {
        foreach (var name in SortedKeys)
        {
            _read?.Invoke(name);
        }
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
        var found = new ChartFiles(null);
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
