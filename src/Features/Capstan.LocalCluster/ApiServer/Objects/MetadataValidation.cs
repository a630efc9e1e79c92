using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Objects;

/// <summary>The rules for metadata that every kind shares (apimachinery, api/validation/objectmeta.go).</summary>
internal static class MetadataValidation
{
    private const int MostAnnotationBytes = 256 * 1024;

    public static void Check(ServedResource resource, YamlMap tree, YamlMap? live, List<FieldProblem> problems)
    {
        var metadata = tree.MapAt("metadata");
        if (live is null)
        {
            CheckName(resource, metadata, problems);
        }

        CheckLabels(metadata["labels"] as YamlMap, "metadata.labels", problems);
        CheckAnnotations(metadata["annotations"] as YamlMap, problems);
        var index = -1;
        foreach (var finalizer in metadata["finalizers"] as YamlList ?? YamlList.Empty)
        {
            index++;
            if (resource.Custom is null && resource.Group != "apiextensions.k8s.io" && finalizer.AsString() is { } plain && !plain.Contains('/', StringComparison.Ordinal) && plain is not ("orphan" or "foregroundDeletion" or "kubernetes"))
            {
                problems.Add(FieldProblem.Invalid($"metadata.finalizers[{index}]", finalizer, "name is neither a standard finalizer name nor is it fully qualified"));
            }

            if (NameRules.QualifiedName(finalizer.AsString() ?? "") is { } problem)
            {
                problems.Add(FieldProblem.Invalid("metadata.finalizers", finalizer, problem));
            }
        }

        CheckOwners(metadata, problems);
        if (live?.At("metadata", "deletionTimestamp") is not null)
        {
            CheckNoNewFinalizers(metadata, live.MapAt("metadata"), problems);
        }
    }

    public static void CheckLabels(YamlMap? labels, string field, List<FieldProblem> problems)
    {
        foreach (var (key, value) in labels ?? YamlMap.Empty)
        {
            if (NameRules.QualifiedName(key) is { } wrongKey)
            {
                problems.Add(FieldProblem.Invalid(field, key, wrongKey));
            }

            if (NameRules.LabelValue(value.AsString() ?? "") is { } wrongValue)
            {
                problems.Add(FieldProblem.Invalid(field, value, wrongValue));
            }
        }
    }

    private static void CheckName(ServedResource resource, YamlMap metadata, List<FieldProblem> problems)
    {
        var name = metadata.Text("name");
        if (name.Length == 0)
        {
            problems.Add(FieldProblem.Required("metadata.name", "name or generateName is required"));
            return;
        }

        var problem = NameRules.PathSegment(name) ?? resource.Qualified switch
        {
            "namespaces" => NameRules.Label(name),
            "services" => NameRules.Label1035(name),
            _ when resource.Group == "rbac.authorization.k8s.io" => null,
            _ => NameRules.Subdomain(name),
        };
        if (problem is not null)
        {
            problems.Add(FieldProblem.Invalid("metadata.name", name, problem));
        }
    }

    private static void CheckAnnotations(YamlMap? annotations, List<FieldProblem> problems)
    {
        long bytes = 0;
        foreach (var (key, value) in annotations ?? YamlMap.Empty)
        {
            // Annotation keys are compared in lower case.
            if (NameRules.QualifiedName(key.ToLowerInvariant()) is { } problem)
            {
                problems.Add(FieldProblem.Invalid("metadata.annotations", key, problem));
            }

            bytes += System.Text.Encoding.UTF8.GetByteCount(key) + System.Text.Encoding.UTF8.GetByteCount(value.AsString() ?? "");
        }

        if (bytes > MostAnnotationBytes)
        {
            problems.Add(FieldProblem.TooLong("metadata.annotations", MostAnnotationBytes));
        }
    }

    private static void CheckOwners(YamlMap metadata, List<FieldProblem> problems)
    {
        var controllers = 0;
        foreach (var owner in metadata.Maps("ownerReferences"))
        {
            foreach (var field in (ReadOnlySpan<string>)["apiVersion", "kind", "name", "uid"])
            {
                if (owner.Text(field).Length == 0)
                {
                    problems.Add(FieldProblem.Invalid($"metadata.ownerReferences.{field}", "", $"{field} must not be empty"));
                }
            }

            controllers += owner.IsTrue("controller") ? 1 : 0;
        }

        if (controllers > 1)
        {
            problems.Add(FieldProblem.Invalid("metadata.ownerReferences", metadata["ownerReferences"], "Only one reference can have Controller set to true"));
        }
    }

    private static void CheckNoNewFinalizers(YamlMap metadata, YamlMap before, List<FieldProblem> problems)
    {
        var known = (before["finalizers"] as YamlList ?? YamlList.Empty).ToHashSet();
        var added = (metadata["finalizers"] as YamlList ?? YamlList.Empty).Where(f => !known.Contains(f)).ToList();
        if (added.Count > 0)
        {
            problems.Add(FieldProblem.Forbidden("metadata.finalizers",
                $"no new finalizers can be added if the object is being deleted, found new finalizers [{string.Join(' ', added.Select(f => $"\"{f.AsString()}\""))}]"));
        }
    }
}
