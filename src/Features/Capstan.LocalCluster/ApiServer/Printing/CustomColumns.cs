using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Printing;

/// <summary>The columns of custom resources: <c>additionalPrinterColumns</c>, or the age where there are none.</summary>
internal static class CustomColumns
{
    public static IReadOnlyList<Column> Of(YamlList definitions)
    {
        var columns = new List<Column> { BuiltInColumns.Name };
        foreach (var definition in definitions.OfType<YamlMap>())
        {
            var type = definition.Text("type");
            var path = definition.Text("jsonPath");
            columns.Add(new Column(definition.Text("name"), (tree, now) => Cell(Find(tree, path), type, now),
                (int)(definition.Number("priority") ?? 0), type == "date" ? "string" : type, definition.Text("format")));
        }

        if (columns.Count == 1)
        {
            columns.Add(BuiltInColumns.Age);
        }

        return columns;
    }

    private static YamlNode Cell(YamlNode? value, string type, DateTimeOffset now) => (value, type) switch
    {
        (null or { IsNull: true }, _) => type == "date" ? "<unknown>" : YamlScalar.Null,
        (YamlScalar text, "date") => Durations.Since(text.Text, now),
        (YamlScalar scalar, "string") => scalar.Text,
        (YamlScalar scalar, _) => scalar,
        _ => value.ToString(),
    };

    // The part of JSONPath that printer columns use: .a.b, ['a.b'], [0], [*], [?(@.type=="Ready")].
    private static YamlNode? Find(YamlNode? node, string path)
    {
        foreach (var step in PrinterPath.Steps(path))
        {
            node = step.Of(node);
        }

        return node;
    }
}
