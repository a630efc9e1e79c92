using Capstan.Kustomize.Spec;
using Capstan.Yaml;

namespace Capstan.Kustomize.Fields;

/// <summary>Reads the files of <c>configurations</c>, which add to the fields that transformers change.</summary>
internal static class ConfigurationReader
{
    public static TransformerFields Read(string file, ReadOnlySpan<byte> content)
    {
        YamlNode node;
        try
        {
            node = YamlText.ReadOne(content);
        }
        catch (YamlException error)
        {
            throw new KustomizeException(error.Problem, file, error.Position, inner: error);
        }

        var map = new SpecMap(file, node.IsNull ? YamlMap.Empty : node, "the transformer configuration");
        var fields = new TransformerFields
        {
            NamePrefix = Specs(map, "namePrefix"),
            NameSuffix = Specs(map, "nameSuffix"),
            Namespace = Specs(map, "namespace"),
            CommonLabels = Specs(map, "commonLabels"),
            Labels = Specs(map, "labels"),
            TemplateLabels = Specs(map, "templateLabels"),
            CommonAnnotations = Specs(map, "commonAnnotations"),
            NameReferences = TransformerFields.SortReferences(map.List("nameReference", Reference)),
            VarReferences = Specs(map, "varReference"),
            Images = Specs(map, "images"),
            Replicas = Specs(map, "replicas"),
        };
        map.RefuseUnknown();
        return fields;
    }

    private static List<FieldSpec> Specs(SpecMap map, string name) => FieldSpecs.Sort(map.List(name, SpecReaders.Field));

    private static NameReference Reference(SpecMap map) => new(SpecReaders.Kind(map), map.List("fieldSpecs", SpecReaders.Field));
}
