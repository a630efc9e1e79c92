using Capstan.Delivery.Applications;
using Capstan.Delivery.ApplicationSets.Templating;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets;

/// <summary>Makes one Application of the template and its parameters (Argo CD, Template.md).</summary>
internal static class ApplicationTemplate
{
    private static readonly string[] MetadataFields = ["name", "labels", "annotations", "finalizers"];

    /// <summary>The template of a set with that of one of its generators over it: what the generator's says counts, what it leaves open is the set's.</summary>
    public static YamlMap Merge(YamlMap ofSet, YamlMap? ofGenerator) => ofGenerator is null ? ofSet : Fill(ofGenerator, ofSet);

    /// <summary>The Application of one set of parameters.</summary>
    /// <exception cref="SetException">A text or the patch does not render.</exception>
    public static KubernetesObject Make(ApplicationSet set, YamlMap template, SetTemplates templates, YamlMap parameters)
    {
        var rendered = (YamlMap)templates.Render(template, parameters);
        var metadata = new YamlMapBuilder(6);
        var from = rendered["metadata"] as YamlMap ?? YamlMap.Empty;
        foreach (var field in MetadataFields)
        {
            if (from[field] is { IsNull: false } value)
            {
                metadata.Set(field, value);
            }
        }

        metadata.Set("namespace", set.Key.Namespace);
        if (from["finalizers"] is not YamlList { Count: > 0 } && !set.PreservesResources)
        {
            metadata.Set("finalizers", YamlList.Create([Application.ForegroundFinalizer]));
        }

        var body = YamlMap.Of(
            ("apiVersion", Application.Kind.ApiVersion), ("kind", Application.Kind.Kind), ("metadata", metadata.ToMap()), ("spec", rendered["spec"] ?? YamlMap.Empty));
        return new KubernetesObject(set.TemplatePatch.Length == 0 ? body : Patch(set, body, templates, parameters));
    }

    // The project is not for a patch to change, and neither is where the Application lives: both decide over rights.
    private static YamlMap Patch(ApplicationSet set, YamlMap body, SetTemplates templates, YamlMap parameters)
    {
        var text = templates.Render(set.TemplatePatch, parameters);
        try
        {
            if (YamlText.ReadOne(text) is not YamlMap patch)
            {
                return text.Trim().Length == 0 ? body : throw new SetException($"spec.templatePatch renders to what is no map: \"{text}\"", SetConditions.NotRendered);
            }

            var patched = StrategicMergePatch.Apply(body, patch, SchemaNode.Deduced);
            if (patch.At("metadata", "finalizers") is YamlList && body.At("metadata", "finalizers") is YamlList before && patched.At("metadata", "finalizers") is YamlList after)
            {
                patched = patched.WithAt(["metadata", "finalizers"], new YamlList(before.Concat(after).Distinct()));
            }

            patched = patched.With("apiVersion", Application.Kind.ApiVersion).With("kind", Application.Kind.Kind).WithAt(["metadata", "namespace"], set.Key.Namespace);
            return body.At("spec", "project") is { } project ? patched.WithAt(["spec", "project"], project) : patched.WithoutAt("spec", "project");
        }
        catch (YamlException error)
        {
            throw new SetException($"spec.templatePatch renders to what is no YAML: {error.In("templatePatch")}", SetConditions.NotRendered, inner: error);
        }
        catch (PatchException error)
        {
            throw new SetException($"spec.templatePatch: {error.Message}", SetConditions.NotRendered, inner: error);
        }
    }

    private static YamlMap Fill(YamlMap upper, YamlMap lower)
    {
        var filled = upper.ToBuilder();
        foreach (var (key, value) in lower)
        {
            filled.Set(key, upper[key] switch
            {
                YamlMap above when value is YamlMap below => Fill(above, below),
                null or YamlMap { Count: 0 } or YamlList { Count: 0 } or YamlScalar { Kind: ScalarKind.Null } or YamlScalar { Text: "" or "false" or "0" } => value,
                var own => own,
            });
        }

        return filled.ToMap(upper.Position);
    }
}
