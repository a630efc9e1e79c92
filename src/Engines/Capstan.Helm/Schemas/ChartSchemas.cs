using System.Runtime.CompilerServices;
using System.Text;
using Capstan.GoTemplates;
using Capstan.Helm.Charts;
using Capstan.Helm.Data;
using Capstan.Yaml;

namespace Capstan.Helm.Schemas;

/// <summary>Checks values against the values.schema.json of a chart and its subcharts.</summary>
internal static class ChartSchemas
{
    // All copies of a loaded chart share the file.
    private static readonly ConditionalWeakTable<ChartFile, SchemaDocument> Documents = [];

    /// <exception cref="ChartException">Values do not follow a schema; the message is Helm's.</exception>
    public static void Validate(Chart chart, GoMap values)
    {
        var problems = Problems(chart, values);
        if (problems.Length > 0)
        {
            throw new ChartException($"values don't meet the specifications of the schema(s) in the following chart(s):\n{problems}");
        }
    }

    private static string Problems(Chart chart, GoMap values)
    {
        var output = new StringBuilder();
        if (chart.Schema is { } schema && Check(schema, values) is { Length: > 0 } problem)
        {
            output.Append(chart.Name).Append(":\n").Append(problem);
        }

        foreach (var child in chart.Dependencies)
        {
            if (values[child.Name] is not { } own)
            {
                continue;
            }

            output.Append(own is GoMap map
                ? Problems(child, map)
                : $"{child.Name}:\ninvalid type for values: expected object (map), got {GoType.Of(own)}\n");
        }

        return output.ToString();
    }

    private static string Check(ChartFile schema, GoMap values)
    {
        try
        {
            var errors = new SchemaValidator(Documents.GetValue(schema, static s => new SchemaDocument(JsonText.Read(s.Content.Span)))).Validate(GoTree.ToTree(values));
            return errors is null ? "" : SchemaErrors.Show(errors) + "\n";
        }
        catch (YamlException error)
        {
            return error.Problem;
        }
        catch (SchemaException error)
        {
            return error.Message;
        }
    }
}
