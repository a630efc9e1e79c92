using Capstan.Kustomize.Identity;

namespace Capstan.Kustomize.Fields;

/// <summary>Reads the table of built-in field specifications (its grammar is told in its first lines).</summary>
internal static class FieldTable
{
    public static TransformerFields ReadEmbedded()
    {
        using var stream = typeof(FieldTable).Assembly.GetManifestResourceStream("field-specs.txt")
            ?? throw new InvalidOperationException("The table of field specifications is not in the program.");
        using var reader = new StreamReader(stream);
        var sections = new Dictionary<string, List<FieldSpec>>(StringComparer.Ordinal);
        List<FieldSpec> section = [];
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('['))
            {
                sections[line[1..^1]] = section = [];
            }
            else if (line.Length > 0 && line[0] != '#')
            {
                var parts = line.Split(' ', 5);
                section.Add(new FieldSpec(Kind(parts.AsSpan(1, 3)), parts[4], parts[0] == "+"));
            }
        }

        return Make(sections);
    }

    private static TransformerFields Make(Dictionary<string, List<FieldSpec>> sections)
    {
        const string Reference = "nameReference ";
        var references = sections.Where(s => s.Key.StartsWith(Reference, StringComparison.Ordinal))
            .Select(s => new NameReference(Kind(s.Key[Reference.Length..].Split(' ')), s.Value));
        return new TransformerFields
        {
            NamePrefix = FieldSpecs.Sort(sections["namePrefix"]),
            NameSuffix = FieldSpecs.Sort(sections["nameSuffix"]),
            Namespace = FieldSpecs.Sort(sections["namespace"]),
            CommonLabels = FieldSpecs.Sort(sections["commonLabels"]),
            TemplateLabels = FieldSpecs.Sort(sections["templateLabels"]),
            CommonAnnotations = FieldSpecs.Sort(sections["commonAnnotations"]),
            VarReferences = FieldSpecs.Sort(sections["varReference"]),
            NameReferences = TransformerFields.SortReferences(references),
            Images = FieldSpecs.Sort(sections["images"]),
            Replicas = FieldSpecs.Sort(sections["replicas"]),
        };
    }

    private static Gvk Kind(ReadOnlySpan<string> parts) => new(Part(parts[0]), Part(parts[1]), Part(parts[2]));

    private static string Part(string text) => text == "*" ? "" : text;
}
