using Capstan.Delivery.Applications;
using Capstan.Delivery.Comparing.Ignoring;
using Capstan.Yaml;

namespace Capstan.Delivery.Settings.Argo;

/// <summary>Reads <c>resource.customizations</c>, the one map and the keys of single kinds; they say the same.</summary>
internal static class CustomizationReader
{
    private const int LongestScript = 256 * 1024;

    /// <summary>The map of all kinds: <c>group/Kind</c> to its customization.</summary>
    public static void ReadAll(YamlNode? all, Dictionary<string, KindCustomization> into, List<string> warnings)
    {
        foreach (var (kinds, value) in all as YamlMap ?? YamlMap.Empty)
        {
            if (value is not YamlMap map)
            {
                warnings.Add($"resource.customizations: {kinds} must be a map, it is {value.Description}");
                continue;
            }

            foreach (var (field, inner) in map)
            {
                var what = field == "health.lua" ? "health" : field == "health.lua.useOpenLibs" ? "useOpenLibs" : field;
                Take(what, kinds, inner.AsString() ?? (inner is YamlScalar scalar ? scalar.Text : ""), into, warnings);
            }
        }
    }

    /// <summary>One key without the prefix: <c>health.group_Kind</c>, <c>ignoreDifferences.all</c>.</summary>
    public static void ReadOne(string key, string value, Dictionary<string, KindCustomization> into, List<string> warnings)
    {
        var dot = key.IndexOf('.', StringComparison.Ordinal);
        var (what, kinds) = dot < 0 ? (key, "") : (key[..dot], key[(dot + 1)..]);
        if (kinds == "all")
        {
            Take(what, "*", value, into, warnings);
            return;
        }

        var parts = kinds.Split('_');
        if (parts.Length > 2 || kinds.Length == 0)
        {
            warnings.Add($"resource.customizations.{key}: write {what}.GROUP_KIND, or {what}.KIND for the core group");
            return;
        }

        Take(what, string.Join('/', parts), value, into, warnings);
    }

    private static void Take(string what, string kinds, string value, Dictionary<string, KindCustomization> into, List<string> warnings)
    {
        var place = $"resource.customizations.{what}.{kinds}";
        if (value.Length > LongestScript)
        {
            warnings.Add($"{place} has {value.Length:N0} characters; at most {LongestScript:N0} are read");
            return;
        }

        var known = into.GetValueOrDefault(kinds) ?? new KindCustomization(kinds);
        switch (what)
        {
            case "health":
                known = known with { HealthScript = value };
                break;
            case "useOpenLibs":
                known = known with { UsesOpenLibraries = value.Trim() == "true" };
                break;
            case "actions":
                known = known with { Actions = Actions(value, place, warnings) };
                break;
            case "ignoreDifferences":
                known = known with { Ignored = Rule(kinds, value, place, warnings) };
                break;
            case "ignoreResourceUpdates":
                known = known with { IgnoredUpdates = Rule(kinds, value, place, warnings) };
                break;
            case "knownTypeFields":
                known = known with { KnownTypes = KnownTypes(value, place, warnings) };
                break;
            default:
                warnings.Add($"{place}: \"{what}\" is not known");
                return;
        }

        into[kinds] = known;
    }

    private static IgnoreRule? Rule(string kinds, string value, string place, List<string> warnings)
    {
        var slash = kinds.IndexOf('/', StringComparison.Ordinal);
        var (group, kind) = kinds == "*" ? ("*", "*") : slash < 0 ? ("", kinds) : (kinds[..slash], kinds[(slash + 1)..]);
        return ArgoSettingsReader.Parse(value, place, warnings) is YamlMap map ? IgnoredReader.ReadRule(new FieldReader(map, place, warnings), group, kind, place, warnings) : null;
    }

    private static List<KnownTypeField> KnownTypes(string value, string place, List<string> warnings)
    {
        var fields = new List<KnownTypeField>();
        foreach (var item in (ArgoSettingsReader.Parse(value, place, warnings) as YamlList ?? YamlList.Empty).OfType<YamlMap>())
        {
            var (field, type) = (item["field"]?.AsString() ?? "", item["type"]?.AsString() ?? "");
            if (field.Length == 0 || !Resources.KnownTypes.Contains(type))
            {
                warnings.Add($"{place}: field \"{field}\" of type \"{type}\" is passed over: types are core/Quantity, meta/v1/Duration and those of core/v1 and apps/v1 such as core/v1/PodSpec");
                continue;
            }

            fields.Add(new KnownTypeField(field.Split('.'), type));
        }

        return fields;
    }

    private static ScriptedActions? Actions(string value, string place, List<string> warnings)
    {
        if (ArgoSettingsReader.Parse(value, place, warnings) is not YamlMap map)
        {
            return null;
        }

        var scripts = (map["definitions"] as YamlList ?? YamlList.Empty).OfType<YamlMap>()
            .GroupBy(d => d["name"]?.AsString() ?? "").ToDictionary(g => g.Key, g => g.Last()["action.lua"]?.AsString() ?? "", StringComparer.Ordinal);
        return new ScriptedActions(map["discovery.lua"]?.AsString() ?? "", scripts) { MergesBuiltIn = map["mergeBuiltinActions"] is YamlScalar { Text: "true" } };
    }
}
