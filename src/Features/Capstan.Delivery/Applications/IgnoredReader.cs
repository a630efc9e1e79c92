using Capstan.Delivery.Comparing.Ignoring;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Applications;

/// <summary>Reads <c>spec.ignoreDifferences</c>.</summary>
internal static class IgnoredReader
{
    public static IgnoredDifferences Read(FieldReader spec, List<string> problems)
    {
        var rules = new List<IgnoreRule>();
        var items = spec.Items("ignoreDifferences");
        for (var i = 0; i < items.Count; i++)
        {
            var path = $"spec.ignoreDifferences[{i}]";
            if (items[i] is not YamlMap map)
            {
                problems.Add($"{path} must be a map, it is {items[i].Description}");
                continue;
            }

            var reader = new FieldReader(map, path, problems);
            rules.Add(ReadRule(reader, reader.Text("group"), reader.RequiredText("kind"), path, problems) with { Namespace = reader.Text("namespace"), Name = reader.Text("name") });
            reader.RefuseTheRest();
        }

        return rules.Count == 0 ? IgnoredDifferences.None : new IgnoredDifferences(rules);
    }

    /// <summary>What a rule names, of objects of a kind.</summary>
    public static IgnoreRule ReadRule(FieldReader reader, string group, string kind, string path, List<string> problems) => new(group, kind, "", "")
    {
        Pointers = [.. Texts(reader, "jsonPointers").Select(p => Pointer(p, path, problems)).OfType<Place>()],
        Paths = [.. Texts(reader, "jqPathExpressions").Select(p => JqPathOf(p, path, problems)).OfType<JqPath>()],
        Managers = [.. Texts(reader, "managedFieldsManagers")],
    };

    private static IEnumerable<string> Texts(FieldReader reader, string field) => reader.Items(field).Select(i => i.AsString() ?? i.ToString());

    private static Place? Pointer(string text, string path, List<string> problems)
    {
        try
        {
            var tokens = JsonPointer.Parse(text);
            return tokens.Length > 0 ? new Place([.. tokens.Select(t => new PlaceStep(t))]) : throw new FormatException("\"\" names the whole object");
        }
        catch (FormatException e)
        {
            problems.Add($"{path}.jsonPointers: {e.Message}");
            return null;
        }
    }

    private static JqPath? JqPathOf(string text, string path, List<string> problems)
    {
        if (!JqPath.TryParse(text, out var read, out var problem))
        {
            problems.Add($"{path}.jqPathExpressions: \"{text}\": {problem}");
        }

        return read;
    }
}
