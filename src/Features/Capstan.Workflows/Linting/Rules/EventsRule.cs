using Capstan.Workflows.Files;
using Capstan.Workflows.Files.Checks;
using Capstan.Workflows.Planning;
using Capstan.Yaml;

namespace Capstan.Workflows.Linting.Rules;

/// <summary>Events that never come, or come too often.</summary>
internal static class EventsRule
{
    private static readonly string[] Filters = ["branches", "branches-ignore", "tags", "tags-ignore", "paths", "paths-ignore"];

    public static void Check(LintContext lint)
    {
        foreach (var trigger in lint.File.On)
        {
            foreach (var schedule in trigger.Schedules.Where(s => CronText.IsTooOften(s.Cron.Text)))
            {
                lint.Warn(schedule.Cron.Position, "schedule", "this is due more often than every five minutes, which is the most that is done");
            }

            foreach (var filter in Filters) Patterns(lint, filter, trigger.Filter(filter));
        }

        if (lint.File.On.Any(t => t.Event == "pull_request_target")) ChecksOutStrangers(lint);
    }

    private static void Patterns(LintContext lint, string filter, IReadOnlyList<Field> patterns)
    {
        foreach (var pattern in patterns)
        {
            if (RefGlob.Problem(pattern.Text) is { } problem) lint.Error(pattern.Position, "pattern", $"the pattern '{pattern.Text}' of '{filter}': {problem}");
            if (filter.StartsWith("paths", StringComparison.Ordinal) && pattern.Text.TrimStart('!').StartsWith("./", StringComparison.Ordinal))
            {
                lint.Warn(pattern.Position, "pattern", $"paths of a repository do not begin with './', so '{pattern.Text}' never matches");
            }
        }

        if (patterns.Count > 0 && patterns.All(p => p.Text.StartsWith('!')))
        {
            lint.Error(patterns[0].Position, "pattern", $"'{filter}' only leaves out, so nothing ever matches; begin with what is to match, such as '**'");
        }
    }

    private static void ChecksOutStrangers(LintContext lint)
    {
        foreach (var step in lint.File.Jobs.SelectMany(j => j.Steps).Where(s => s.Uses?.Text.StartsWith("actions/checkout@", StringComparison.Ordinal) == true))
        {
            if (step.With is YamlMap map && ModelBuilder.Text(map["ref"]) is { } given && given.Text.Contains("pull_request.head", StringComparison.Ordinal))
            {
                lint.Warn(given.Position, "untrusted-checkout", "with pull_request_target this checks out a stranger's code beside secrets and a token that may write; use pull_request");
            }
        }
    }
}
