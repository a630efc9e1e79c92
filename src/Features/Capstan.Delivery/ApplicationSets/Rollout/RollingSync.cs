using System.Globalization;
using Capstan.Delivery.Applications;
using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets.Rollout;

/// <summary>A condition on a label of an Application.</summary>
internal sealed record StepMatch(string Key, bool Refuses, IReadOnlyList<string> Values);

/// <summary>One step: which Applications, and how many of them at once.</summary>
/// <param name="Matches">All must hold.</param>
/// <param name="Number">How many at once; null where <paramref name="Percent"/> says it.</param>
/// <param name="Percent">Of the step's Applications, rounded down, at least one unless it is zero.</param>
internal sealed record RolloutStep(IReadOnlyList<StepMatch> Matches, int? Number, int Percent)
{
    /// <summary>Whether an Application with these labels is in the step.</summary>
    public bool Selects(YamlMap labels) => Matches.All(m =>
        (labels[m.Key]?.AsString() is { } value && m.Values.Contains(value)) != m.Refuses);

    /// <summary>How many of this many may be updated at once; zero means that a person syncs them.</summary>
    public int Most(int applications) => Number ?? (Percent == 0 ? 0 : Math.Max(1, applications * Percent / 100));
}

/// <summary>Changes roll through the steps, each step only after all of the one before are healthy (Argo CD, Progressive-Syncs.md).</summary>
/// <param name="Steps">The steps.</param>
/// <param name="DefaultPrune">Whether syncs prune unless the Application says otherwise.</param>
internal sealed record RollingSync(IReadOnlyList<RolloutStep> Steps, bool DefaultPrune)
{
    /// <summary>The index of the step of an Application; -1 when it is in none.</summary>
    public int StepOf(YamlMap labels)
    {
        for (var i = 0; i < Steps.Count; i++)
        {
            if (Steps[i].Selects(labels))
            {
                return i;
            }
        }

        return -1;
    }

    public static RollingSync Read(FieldReader rolling)
    {
        var steps = new List<RolloutStep>();
        foreach (var item in rolling.Items("steps").OfType<YamlMap>())
        {
            var matches = new List<StepMatch>();
            foreach (var match in (item["matchExpressions"] as YamlList ?? YamlList.Empty).OfType<YamlMap>())
            {
                var how = match["operator"]?.AsString();
                if (how is not ("In" or "NotIn"))
                {
                    rolling.Problem($"spec.strategy.rollingSync.steps[{steps.Count}].matchExpressions: operator is In or NotIn, not {match["operator"]}");
                    continue;
                }

                matches.Add(new StepMatch(match["key"]?.AsString() ?? "", how == "NotIn", [.. (match["values"] as YamlList ?? YamlList.Empty).Select(v => v.AsString() ?? v.ToString())]));
            }

            steps.Add(ReadMost(rolling, item["maxUpdate"], matches, steps.Count));
        }

        var read = new RollingSync(steps, rolling.Flag("defaultPrune"));
        rolling.RefuseTheRest();
        return read;
    }

    private static RolloutStep ReadMost(FieldReader rolling, YamlNode? most, List<StepMatch> matches, int index)
    {
        switch (most)
        {
            case null or { IsNull: true }:
                return new RolloutStep(matches, null, 100);
            case YamlScalar scalar when scalar.TryGetInteger(out var number) && number is >= 0 and <= int.MaxValue:
                return new RolloutStep(matches, (int)number, 0);
            case YamlScalar { Kind: ScalarKind.String } text when text.Text.EndsWith('%')
                && int.TryParse(text.Text.AsSpan()[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var percent) && percent <= 100:
                return new RolloutStep(matches, null, percent);
            default:
                rolling.Problem($"spec.strategy.rollingSync.steps[{index}].maxUpdate: {most} is neither a number nor a percentage from 0% to 100%");
                return new RolloutStep(matches, 0, 0);
        }
    }
}
