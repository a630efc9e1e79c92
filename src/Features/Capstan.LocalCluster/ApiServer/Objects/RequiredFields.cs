using System.Runtime.CompilerServices;
using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Objects;

/// <summary>Fields without which an object of a built-in kind is not valid, told by the kind's schema.</summary>
internal static class RequiredFields
{
    public static void Check(ServedResource resource, YamlMap tree, List<FieldProblem> problems)
    {
        if (BuiltInSchemas.TryGet(resource.KindIn(resource.StorageVersion), out var schema) && tree["spec"] is { } spec)
        {
            Walk(spec, schema.Root.Field("spec"), "spec", problems);
        }
    }

    private static void Walk(YamlNode value, SchemaNode schema, string path, List<FieldProblem> problems)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (value is YamlList list && schema.List is { } shape)
        {
            for (var i = 0; i < list.Count; i++)
            {
                Walk(list[i], shape.Items, $"{path}[{i}]", problems);
            }
        }

        if (value is not YamlMap map || schema.Map is not { } fields)
        {
            return;
        }

        foreach (var (name, field) in fields.Fields)
        {
            if (field.Required && (map[name] is null or { IsNull: true } || map[name] is YamlScalar { Kind: ScalarKind.String, Text: "" } && field.Type.Scalar is ScalarType.String && name is "name" or "image"))
            {
                problems.Add(FieldProblem.Required($"{path}.{name}"));
            }
        }

        foreach (ref readonly var entry in map.AsSpan())
        {
            if (entry.Value is not YamlScalar && fields.TypeOf(entry.Key) is { } type)
            {
                Walk(entry.Value, type, $"{path}.{entry.Key}", problems);
            }
        }
    }
}
