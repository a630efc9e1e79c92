using Capstan.Api.Applications;

namespace Capstan.Cli.Output;

/// <summary>A plan for people: an object a line, and a line beneath for each field.</summary>
internal static class PlanView
{
    public static void Print(CliContext context, OutputChoice output, PlanReport plan)
    {
        if (output.Form is not (OutputForm.Table or OutputForm.Wide))
        {
            Printer.Print(context, output, Printer.Tree(plan, ApplicationsJson.Default.PlanReport), plan.Changes.Select(c => c.Object), () => new TableView([], []));
            return;
        }
        foreach (var change in plan.Changes)
        {
            context.Out.WriteLine($"{change.Action,-7} {change.Object}{(change.Origin is null ? "" : $"  ({change.Origin})")}");
            foreach (var field in change.Fields)
            {
                var by = field.Manager is null ? "" : $"  (by {field.Manager}{(field.Since is null ? "" : " at " + field.Since)})";
                context.Out.WriteLine($"        {field.Path}: {field.Live ?? "absent"} → {field.Wanted ?? "absent"}{by}");
            }
        }
        if (plan.Changes.Count == 0) context.Say($"{plan.Application}: no difference at {plan.Revision}");
    }
}
