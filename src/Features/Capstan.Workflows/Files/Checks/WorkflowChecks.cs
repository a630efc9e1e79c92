using Capstan.Expressions;
using Capstan.Workflows.Places;
using Capstan.Yaml;

namespace Capstan.Workflows.Files.Checks;

/// <summary>What the shape alone does not tell: ids, needs, schedules, inputs, conditions.</summary>
internal sealed class WorkflowChecks(WorkflowFile file, SourceText source, YamlMap root, Action<Position, string, string> report)
{
    public void Run()
    {
        foreach (var trigger in file.On) Trigger(trigger);
        foreach (var job in file.Jobs)
        {
            Identifier(job.Id, job.Position);
            var ids = new HashSet<string>(StringComparer.Ordinal);
            foreach (var id in job.Steps.Select(s => s.Id).OfType<Field>())
            {
                Identifier(id.Text, id.Position);
                if (!ids.Add(id.Text)) report(id.Position, "ids", $"The identifier '{id.Text}' may not be used more than once within the same scope.");
            }

            Condition(job.If, Place.JobCondition);
            foreach (var step in job.Steps) Condition(step.If, Place.StepCondition);
            foreach (var env in job.Steps.Select(s => s.Env).Append(job.Env).OfType<YamlScalar>())
            {
                report(env.Position, "syntax", "The environment has to be a map of names to values, not one expression");
            }

            Containers(job);
        }

        NeedsCheck.Run(file, root["jobs"]!.Position, (position, message) => report(position, "needs", message));
    }

    private void Identifier(string id, Position position)
    {
        const int most = 100;
        var valid = id.Length is > 0 and < most && (char.IsAsciiLetter(id[0]) || id[0] == '_') && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
        if (!valid) report(position, "ids", $"The identifier '{id}' is invalid. IDs may only contain alphanumeric characters, '_', and '-'. IDs must start with a letter or '_' and must be less than {most} characters.");
        else if (id.StartsWith("__", StringComparison.Ordinal)) report(position, "ids", $"The identifier '{id}' is invalid. IDs starting with '__' are reserved.");
    }

    private void Trigger(Trigger trigger)
    {
        foreach (var schedule in trigger.Schedules)
        {
            if (!CronText.IsValid(schedule.Cron.Text))
            {
                report(schedule.Cron.Position, "schedule", "Invalid cron expression. Expected format: '* * * * *' (minute hour day month weekday)");
            }
        }

        foreach (var input in trigger.Inputs)
        {
            if (input.Type == "choice" && input.Options.Count == 0) report(input.Settings, "inputs", "Missing 'options' for choice input");
            if (input.Type != "choice" && input.Options.Count > 0) report(input.Settings, "inputs", "Input type is not 'choice', but 'options' is defined");
            if (input.Default is { } given) Default(input, given);
        }

        foreach (var name in new[] { "branches", "tags", "paths" })
        {
            if (trigger.Filter(name) is [var first, ..] && trigger.Filter(name + "-ignore").Count > 0)
            {
                report(first.Position, "events", $"'{name}' and '{name}-ignore' of one event cannot both be given; write the ignored ones as '!pattern' in '{name}'");
            }
        }
    }

    private void Default(Input input, YamlScalar given)
    {
        var value = CoreScalars.Read(given);
        if (value.Kind == ValueKind.String && TemplateText.HasExpression(value.Text)) return;
        var fits = input.Type switch
        {
            "boolean" => value.Kind == ValueKind.Boolean,
            "string" or "choice" or "environment" => value.Kind == ValueKind.String,
            _ => true,
        };
        if (!fits) report(given.Position, "inputs", $"The default '{value.Text}' of the input '{input.Name}' is no {(input.Type == "boolean" ? "boolean" : "string; quote it")}");
    }

    private void Condition(Field? condition, Place place)
    {
        if (condition is null) return;
        try
        {
            Places.Condition.Parse(condition.Text, place.Language);
        }
        catch (ExpressionException wrong)
        {
            var scalar = new YamlScalar(condition.Text, ScalarKind.String, ScalarStyle.Plain, condition.Position);
            report(source.Locate(scalar, condition.Text, Math.Max(0, wrong.Offset)), "expression", wrong.Problem);
        }
    }

    private void Containers(Job job)
    {
        var all = new[] { job.Container }.Concat((job.Services as YamlMap ?? YamlMap.Empty).Select(e => e.Value));
        foreach (var container in all.OfType<YamlMap>())
        {
            if (!HasExpression(container) && !container.ContainsKey("image")) report(container.Position, "container", "Container image cannot be empty");
        }

        if (job.Container is YamlScalar { Text: "" } empty) report(empty.Position, "container", "Container image cannot be empty");
    }

    private static bool HasExpression(YamlMap map) =>
        map.Any(e => TemplateText.HasExpression(e.Key) || (e.Value is YamlScalar scalar && TemplateText.HasExpression(scalar.Text)) || (e.Value is YamlMap below && HasExpression(below)));
}
