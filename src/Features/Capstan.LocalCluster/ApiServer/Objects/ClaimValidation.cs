using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Objects;

/// <summary>Rules of PersistentVolumeClaims.</summary>
internal static class ClaimValidation
{
    private static readonly string[] Modes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

    public static void Check(YamlMap tree, YamlMap? live, List<FieldProblem> problems)
    {
        var spec = tree.MapAt("spec");
        if (spec["accessModes"] is not YamlList { Count: > 0 } modes)
        {
            problems.Add(FieldProblem.Required("spec.accessModes", "at least 1 access mode is required"));
        }
        else
        {
            problems.AddRange(modes.Where(m => !Modes.Contains(m.AsString())).Select(m => FieldProblem.Unsupported("spec.accessModes", m, Modes)));
        }

        if (spec.At("resources", "requests", "storage") is not { } size)
        {
            problems.Add(FieldProblem.Required("spec.resources[storage]"));
        }
        else if (!Quantities.TryParse((size as YamlScalar)?.Text ?? "", out var amount) || amount <= 0)
        {
            problems.Add(FieldProblem.Invalid("spec.resources[storage]", size, "must be greater than zero"));
        }

        if (live is not null && !Fixed(spec, live).Equals(Fixed(live.MapAt("spec"), live)))
        {
            problems.Add(FieldProblem.Forbidden("spec", "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"));
        }
    }

    // A volume and a class are written once, by who binds; a bound claim may ask for more.
    private static YamlMap Fixed(YamlMap spec, YamlMap live)
    {
        foreach (var once in (ReadOnlySpan<string>)["volumeName", "storageClassName"])
        {
            spec = live.At("spec", once) is null ? spec.Without(once) : spec;
        }

        return live.Text("status", "phase") == "Bound" ? spec.WithoutAt("resources", "requests").Without("volumeAttributesClassName") : spec;
    }
}
