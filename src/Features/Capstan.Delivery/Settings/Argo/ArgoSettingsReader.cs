using Capstan.Delivery.Tracking;
using Capstan.Yaml;

namespace Capstan.Delivery.Settings.Argo;

/// <summary>
/// Reads <c>argocd-cm</c> as Argo CD has it (operator-manual/argocd-cm.yaml). It never throws; keys that are about other things than the engine's
/// work (sign-in, pages, links) are passed over.
/// </summary>
internal static class ArgoSettingsReader
{
    /// <summary>The ConfigMap's name.</summary>
    public const string Name = "argocd-cm";

    private const string Prefix = "resource.customizations.";

    /// <param name="data">The ConfigMap's <c>data</c>.</param>
    public static ArgoSettings Read(YamlMap data)
    {
        var (errors, warnings) = (new List<string>(), new List<string>());
        var customizations = new Dictionary<string, KindCustomization>(StringComparer.Ordinal);
        CustomizationReader.ReadAll(Yaml(data, "resource.customizations", warnings), customizations, warnings);
        foreach (var (key, value) in data)
        {
            if (key.StartsWith(Prefix, StringComparison.Ordinal))
            {
                CustomizationReader.ReadOne(key[Prefix.Length..], value.AsString() ?? "", customizations, warnings);
            }
        }

        return new ArgoSettings
        {
            Tracking = Tracking(data, errors),
            Kinds = new KindFilter(Patterns(data, "resource.inclusions", errors), Patterns(data, "resource.exclusions", errors)),
            Customizations = [.. customizations.Values],
            IgnoresUpdates = Text(data, "resource.ignoreResourceUpdatesEnabled") != "false",
            Status = Status(data, warnings),
            RequiresImpersonation = Text(data, "application.sync.impersonation.enabled") == "true",
            Errors = errors,
            Warnings = warnings,
        };
    }

    private static TrackingRules Tracking(YamlMap data, List<string> errors)
    {
        var method = Text(data, "application.resourceTrackingMethod") switch
        {
            "" or "annotation" => TrackingMethod.Annotation,
            "label" => TrackingMethod.Label,
            "annotation+label" => TrackingMethod.AnnotationAndLabel,
            var other => Wrong(errors, $"application.resourceTrackingMethod: \"{other}\" is no method; use annotation, label or annotation+label"),
        };
        var label = Text(data, "application.instanceLabelKey");
        return new TrackingRules(method, label.Length == 0 ? TrackingRules.DefaultLabelKey : label, Text(data, "installationID"));
    }

    private static TrackingMethod Wrong(List<string> errors, string problem)
    {
        errors.Add(problem);
        return TrackingMethod.Annotation;
    }

    private static StatusComparison Status(YamlMap data, List<string> warnings)
    {
        var options = Yaml(data, "resource.compareoptions", warnings) as YamlMap;
        switch (options?["ignoreResourceStatusField"]?.AsString() ?? "")
        {
            case "" or "all":
                return StatusComparison.OfNone;
            case "crd":
                return StatusComparison.OfAllButDefinitions;
            case "none" or "off":
                return StatusComparison.OfAll;
            case var other:
                warnings.Add($"resource.compareoptions: ignoreResourceStatusField: \"{other}\" is not known; use all, crd or none");
                return StatusComparison.OfNone;
        }
    }

    private static List<KindPatterns> Patterns(YamlMap data, string key, List<string> errors)
    {
        var read = Yaml(data, key, errors);
        if (read is not (null or YamlList))
        {
            errors.Add($"{key} must be a list, it is {read.Description}");
        }

        return [.. (read as YamlList ?? YamlList.Empty).OfType<YamlMap>().Select(m => new KindPatterns(Texts(m, "apiGroups"), Texts(m, "kinds"), Texts(m, "clusters")))];
    }

    internal static IReadOnlyList<string> Texts(YamlMap map, string field) => [.. (map[field] as YamlList ?? YamlList.Empty).Select(i => i.AsString() ?? i.ToString())];

    internal static YamlNode? Parse(string text, string key, List<string> problems)
    {
        try
        {
            return YamlText.ReadOne(text) is { IsNull: false } node ? node : null;
        }
        catch (YamlException error)
        {
            problems.Add($"{key} is no YAML: {error.Message}");
            return null;
        }
    }

    private static YamlNode? Yaml(YamlMap data, string key, List<string> problems) => Text(data, key) is { Length: > 0 } text ? Parse(text, key, problems) : null;

    private static string Text(YamlMap data, string key) => data[key]?.AsString()?.Trim() ?? "";
}
