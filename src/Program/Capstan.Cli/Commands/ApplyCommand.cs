using System.CommandLine;
using Capstan.Cli.Output;
using Capstan.Cli.Pushing;
using Capstan.Delivery.ApplySets;
using Capstan.Delivery.Sync;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan apply PATH</c>: the push model, without a server.</summary>
internal static class ApplyCommand
{
    public static Command Create(CliContext context)
    {
        var path = Manifests.Argument();
        var target = new PushTarget();
        var wait = new Option<bool>("--wait") { Description = "Wait until everything applied is Healthy" };
        var timeout = WaitCommand.TimeoutOption("5m");
        var dryRun = new Option<bool>("--dry-run") { Description = "Show the plan and write nothing" };
        var output = OutputOption.Create();
        var command = new Command("apply", """
            Make a cluster match a folder of manifests, a kustomization or a chart, once and without a server.

            Examples:
              capstan apply ./deploy
              capstan apply ./deploy --name shop -n shop --prune --wait
              capstan apply ./chart --name shop -n shop -f values.yaml --set image.tag=1.2
              capstan apply ./deploy --kubeconfig staging.yaml --dry-run
            """) { path };
        target.AddTo(command);
        foreach (var option in new Option[] { wait, timeout, dryRun, output }) command.Options.Add(option);
        command.SetAction(async (line, cancellation) =>
        {
            using var client = target.Open(line, context);
            var request = target.Request(line, line.GetValue(path)!, client);
            var sync = new ApplySetSync(client, context.Clock);
            context.Say($"planning for {client.Connection}");
            var plan = await sync.PlanAsync(request, cancellation).ConfigureAwait(false);
            if (line.GetValue(dryRun)) return Show(context, line.GetValue(output)!, line.GetValue(path)!, plan);
            context.Error.Write(plan.ToText());
            if (plan.Refusal is not null) return ExitCodes.Refused;
            var code = Tell(context, line.GetValue(output)!, plan, await sync.RunAsync(
                request, plan, dryRun: false, cancellation, line.GetValue(timeout), context.Say).ConfigureAwait(false));
            if (code != ExitCodes.Fine || !line.GetValue(wait)) return code;
            if (await new HealthWait(client, context.Clock, context.Say).ForAsync(plan, line.GetValue(timeout), cancellation).ConfigureAwait(false) is not { } unhealthy) return code;
            context.Say($"capstan: {unhealthy} with --timeout");
            return ExitCodes.TimedOut;
        });
        return command;
    }

    private static int Show(CliContext context, OutputChoice output, string path, SyncPlan plan)
    {
        if (output.Form is OutputForm.Table or OutputForm.Wide) context.Out.Write(plan.ToText());
        else PlanView.Print(context, output, PushedObject.Plan(path, plan));
        if (plan.Refusal is not null) context.Say($"capstan: {plan.Refusal}");
        return plan.Refusal is not null || plan.Count(SyncAction.Refuse) > 0 ? ExitCodes.Refused : ExitCodes.Fine;
    }

    private static int Tell(CliContext context, OutputChoice output, SyncPlan plan, SyncRun run)
    {
        var report = PushedObject.Report(plan, run);
        if (output.Form is OutputForm.Table or OutputForm.Wide)
        {
            foreach (var one in report.Objects)
            {
                context.Out.WriteLine($"{one.Result,-9} {one.Object}{(one.Origin is null ? "" : $"  ({one.Origin})")}{(one.Message is null ? "" : ": " + one.Message)}");
            }
        }
        else
        {
            Printer.Print(context, output, Printer.Tree(report, PushingJson.Default.PushReport), report.Objects.Select(o => o.Object), () => new TableView([], []));
        }
        if (run.Succeeded) return ExitCodes.Fine;
        context.Say($"capstan: {(run.IsDryRun ? "nothing was written: " : "")}{run.Message}");
        return run.Unreachable is not null ? ExitCodes.ServerFailed : ExitCodes.Refused;
    }
}
