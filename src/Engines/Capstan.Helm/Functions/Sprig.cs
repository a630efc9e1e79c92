using Capstan.GoTemplates;
using Capstan.Helm.Data;
using Capstan.Yaml;

namespace Capstan.Helm.Functions;

/// <summary>The sprig library for templates that are no charts: what Helm adds is left out, and so is what reads the machine.</summary>
public static class Sprig
{
    private static readonly HashSet<string> OfHelm = new(StringComparer.Ordinal)
    {
        "include", "tpl", "required", "lookup", "fail", "getHostByName", "env", "expandenv", "toToml", "fromToml", "fromJsonArray", "toYamlPretty", "mustToYaml",
    };

    /// <summary>The functions: sprig's, and <c>toYaml</c>, <c>fromYaml</c>, <c>fromYamlArray</c>.</summary>
    public static IReadOnlyList<GoFunction> Functions { get; } =
    [
        .. FunctionTable.All.Where(f => !OfHelm.Contains(f.Name)),
        new GoFunction("fail", [GoType.String], variadic: false, static (_, a) => throw new GoException((string)a[0]!)),
    ];

    /// <summary>A tree as a template sees it; numbers are float64, as encoding/json reads them.</summary>
    public static GoMap Values(YamlMap map) => GoTree.ToMap(map);
}
