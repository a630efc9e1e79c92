using System.Globalization;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Promotion.Pipelines;

/// <summary>Reads pipelines. What is wrong is told all at once; unknown fields are refused by name.</summary>
public sealed class PipelineReader
{
    /// <summary>The kind.</summary>
    public static readonly GroupKind Kind = new("capstan.dev", "DeliveryPipeline");

    private readonly KubernetesObject _object;
    private readonly List<string> _problems = [];

    private PipelineReader(KubernetesObject @object) => _object = @object;

    /// <summary>Reads one.</summary>
    /// <exception cref="PromotionException">It cannot be used; all reasons are in the message.</exception>
    public static PipelineSpec Read(KubernetesObject @object)
    {
        var reader = new PipelineReader(@object);
        var stages = reader.Stages();
        reader.CheckOrder(stages);
        return reader._problems.Count == 0 ? new PipelineSpec(@object.Name, stages) { Repository = @object.Spec["repository"]?.AsString() } : throw new PromotionException($"{@object.Key}: {string.Join("; ", reader._problems)}");
    }

    private List<StageSpec> Stages()
    {
        Known(_object.Spec, "spec", "repository", "stages");
        var stages = new List<StageSpec>();
        foreach (var (node, index) in (_object.Spec["stages"]?.AsList() ?? YamlList.Empty).Select((n, i) => (n, i)))
        {
            if (node.AsMap() is not { } map) Wrong($"spec.stages[{index}]", "is no object");
            else stages.Add(Stage(map, $"spec.stages[{index}]", stages.LastOrDefault()?.Name));
        }

        if (stages.Count == 0) Wrong("spec.stages", "is empty; a pipeline has at least one stage");
        return stages;
    }

    private StageSpec Stage(YamlMap map, string at, string? before)
    {
        Known(map, at, "name", "after", "applications", "write", "gates", "soak", "promotion", "frozen");
        var after = map["after"]?.AsList()?.Select(a => a.AsString() ?? "").ToList() ?? (before is null ? [] : [before]);
        var applications = (map["applications"]?.AsList() ?? YamlList.Empty).Select(a => a.AsString() ?? "").Select(a => a.Contains('/', StringComparison.Ordinal) ? a : $"{_object.Namespace}/{a}").ToList();
        if (applications.Count == 0) Wrong($"{at}.applications", "is empty; name the applications whose health counts");
        return new StageSpec(Text(map, at, "name"), after, applications, Target(map["write"]?.AsMap() ?? YamlMap.Empty, $"{at}.write"), Gates(map, at))
        {
            Soak = Duration(map["soak"], $"{at}.soak"),
            Automatic = (map["promotion"]?.AsString() ?? "Automatic") switch { "Automatic" => true, "Manual" => false, var other => Wrong($"{at}.promotion", $"\"{other}\" is neither Automatic nor Manual") },
            Frozen = map["frozen"] is YamlScalar { Text: "true" },
        };
    }

    private WriteTarget Target(YamlMap map, string at)
    {
        Known(map, at, "repository", "branch", "kustomization", "values", "manifest");
        var (repository, branch) = (Text(map, at, "repository"), map["branch"]?.AsString() ?? "main");
        if (map["kustomization"]?.AsString() is { } kustomization) return new WriteTarget(repository, branch, kustomization, VersionForm.Kustomization);
        if (map["manifest"]?.AsString() is { } manifest) return new WriteTarget(repository, branch, manifest, VersionForm.Manifest);
        if (map["values"]?.AsMap() is { } values)
        {
            Known(values, $"{at}.values", "path", "set");
            return new WriteTarget(repository, branch, Text(values, $"{at}.values", "path"), VersionForm.Values) { Values = Keys(values, $"{at}.values") };
        }

        Wrong(at, "names neither kustomization, values nor manifest: the file in which the version is written");
        return new WriteTarget(repository, branch, "", VersionForm.Manifest);
    }

    private List<ValueKey> Keys(YamlMap values, string at)
    {
        var keys = new List<ValueKey>();
        foreach (var (node, index) in (values["set"]?.AsList() ?? YamlList.Empty).Select((n, i) => (n, i)))
        {
            var (map, place) = (node.AsMap() ?? YamlMap.Empty, $"{at}.set[{index}]");
            Known(map, place, "key", "image", "part");
            var part = map["part"]?.AsString() ?? "tag";
            if (part is not ("tag" or "digest" or "repository" or "reference")) Wrong($"{place}.part", $"\"{part}\" is none of tag, digest, repository, reference");
            keys.Add(new ValueKey(Text(map, place, "key"), map["image"]?.AsString(), part));
        }

        if (keys.Count == 0) Wrong($"{at}.set", "is empty; name the keys to write");
        return keys;
    }

    private List<Gate> Gates(YamlMap stage, string at)
    {
        var gates = new List<Gate>();
        foreach (var (node, index) in (stage["gates"]?.AsList() ?? YamlList.Empty).Select((n, i) => (n, i)))
        {
            var (map, place) = (node.AsMap() ?? YamlMap.Empty, $"{at}.gates[{index}]");
            switch (map["type"]?.AsString())
            {
                case "Healthy":
                    Known(map, place, "type", "for");
                    gates.Add(new Gate.Healthy(Duration(map["for"], $"{place}.for")));
                    break;
                case "Approval":
                    Known(map, place, "type", "count");
                    gates.Add(new Gate.Approval(map["count"] is YamlScalar count && count.TryGetInteger(out var number) && number > 0 ? (int)number : 1));
                    break;
                case "Signature":
                    Known(map, place, "type");
                    gates.Add(new Gate.Signature());
                    break;
                case "TimeWindow":
                    Known(map, place, "type", "days", "from", "to");
                    gates.Add(Window(map, place));
                    break;
                case var other:
                    Wrong($"{place}.type", $"\"{other}\" is none of Healthy, Approval, Signature, TimeWindow");
                    break;
            }
        }

        return gates;
    }

    private Gate.TimeWindow Window(YamlMap map, string at)
    {
        var days = new HashSet<DayOfWeek>();
        foreach (var day in map["days"]?.AsList() ?? YamlList.Empty)
        {
            if (Enum.TryParse<DayOfWeek>(day.AsString(), ignoreCase: true, out var read)) days.Add(read);
            else Wrong($"{at}.days", $"\"{day.AsString()}\" is no day such as Monday");
        }

        return new Gate.TimeWindow(days.Count > 0 ? days : [.. Enum.GetValues<DayOfWeek>()], Time("from", TimeOnly.MinValue), Time("to", TimeOnly.MaxValue));

        TimeOnly Time(string field, TimeOnly otherwise) => map[field]?.AsString() is not { } text ? otherwise
            : TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time
            : Wrong($"{at}.{field}", $"\"{text}\" is no time such as 09:00") ? otherwise : otherwise;
    }

    // A stage follows stages before it in the list: so there is no cycle.
    private void CheckOrder(List<StageSpec> stages)
    {
        var seen = new HashSet<string>();
        foreach (var stage in stages)
        {
            foreach (var after in stage.After.Where(a => !seen.Contains(a))) Wrong($"stage {stage.Name}", $"comes after \"{after}\", which is no stage before it in the list");
            if (!seen.Add(stage.Name)) Wrong($"stage {stage.Name}", "is there twice");
        }
    }

    private TimeSpan Duration(YamlNode? node, string at)
    {
        if (node is not YamlScalar { Text: { Length: > 1 } text }) return node is null ? TimeSpan.Zero : Wrong(at, "is no duration such as 10m") ? default : default;
        var factor = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => 0 };
        return factor > 0 && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? TimeSpan.FromSeconds((long)number * factor)
            : Wrong(at, $"\"{text}\" is no duration such as 30s, 10m, 2h or 1d") ? default : default;
    }

    private string Text(YamlMap map, string at, string field)
    {
        if (map[field]?.AsString() is { Length: > 0 } text) return text;
        Wrong($"{at}.{field}", "is missing");
        return "";
    }

    private void Known(YamlMap map, string at, params ReadOnlySpan<string> fields)
    {
        foreach (var key in map.Keys)
        {
            if (!fields.Contains(key)) Wrong($"{at}.{key}", $"is no field here; there are {string.Join(", ", fields.ToArray())}");
        }
    }

    private bool Wrong(string at, string why)
    {
        _problems.Add($"{at}: {why}");
        return false;
    }
}
