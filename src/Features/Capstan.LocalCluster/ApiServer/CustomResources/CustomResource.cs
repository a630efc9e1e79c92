using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.CustomResources;

/// <summary>What a CustomResourceDefinition says about its objects, ready for use.</summary>
internal sealed class CustomResource
{
    // Problems after which the rules are not evaluated.
    private static readonly string[] Blocking = ["FieldValueNotSupported", "FieldValueRequired", "FieldValueTooLong", "FieldValueTypeInvalid"];

    private readonly Dictionary<string, ServedVersion> _versions = new(StringComparer.Ordinal);

    public CustomResource(YamlMap definition)
    {
        Since = long.TryParse(definition.Text("metadata", "resourceVersion"), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var revision) ? revision : 0;
        foreach (var version in definition.Maps("spec", "versions"))
        {
            var name = version.Text("name");
            var schema = version.At("schema", "openAPIV3Schema") as YamlMap;
            var types = CrdSchema.From(new KubernetesObject(definition), name) ?? ObjectSchema.Untyped(new GroupVersionKind(definition.Text("spec", "group"), name, definition.Text("spec", "names", "kind")));
            var keepsUnknown = schema is null || definition.IsTrue("spec", "preserveUnknownFields");
            _versions[name] = new ServedVersion(schema ?? YamlMap.Empty, types, keepsUnknown, version["additionalPrinterColumns"] as YamlList ?? YamlList.Empty);
            SelectableFields = [.. SelectableFields.Union(version.Maps("selectableFields").Select(f => f.Text("jsonPath").TrimStart('.')))];
        }
    }

    /// <summary>The revision at which the definition became what it is; older objects may lack its defaults.</summary>
    public long Since { get; }

    /// <summary>Fields besides name and namespace that a field selector may name.</summary>
    public IReadOnlyList<string> SelectableFields { get; } = [];

    public ObjectSchema Schema(string version) => _versions[version].Types;

    public YamlMap OpenApi(string version) => _versions[version].Schema;

    public YamlList Columns(string version) => _versions[version].Columns;

    /// <summary>The object without fields that the schema does not know.</summary>
    public YamlMap Prune(YamlMap tree, string version, out List<string> unknown)
    {
        unknown = [];
        var served = _versions[version];
        return served.KeepsUnknown ? tree : StructuralPruning.Root(tree, served.Schema, unknown);
    }

    public YamlMap Default(YamlMap tree, string version) => StructuralDefaults.Apply(tree, _versions[version].Schema) as YamlMap ?? tree;

    /// <param name="tree">The object.</param>
    /// <param name="live">What it was; null for a new one.</param>
    /// <param name="version">Its version.</param>
    /// <param name="problems">Gets what is wrong.</param>
    public void Validate(YamlMap tree, YamlMap? live, string version, List<FieldProblem> problems)
    {
        var served = _versions[version];
        var before = problems.Count;
        new StructuralValidation(problems).Check(tree.Without("metadata"), served.Schema, "");
        if (served.Rules is null) return;
        if (problems.Skip(before).Any(p => Blocking.Contains(p.Reason)))
        {
            // Rules may lean on types and on required fields.
            problems.Add(FieldProblem.Invalid("<nil>", null, "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation"));
            return;
        }

        served.Rules.Check(tree, live, problems);
    }

    private sealed record ServedVersion(YamlMap Schema, ObjectSchema Types, bool KeepsUnknown, YamlList Columns)
    {
        public ValidationRules? Rules { get; } = ValidationRules.Of(Schema);
    }
}
