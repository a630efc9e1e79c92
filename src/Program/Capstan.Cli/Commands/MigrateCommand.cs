using System.CommandLine;
using System.Text.Json.Serialization;
using Capstan.Cli.Connection;
using Capstan.Cli.Output;
using Capstan.Delivery.Migrating;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan migrate argocd [FILE…]</c></summary>
internal static class MigrateCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static Command Create(CliContext context) => new("migrate", "Come from another GitOps tool.\n\nExamples:\n  capstan migrate argocd") { ArgoCd(context) };

    private static Command ArgoCd(CliContext context)
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = "What `argocd admin export` or `kubectl get -o yaml` wrote, - for stdin; the cluster itself when absent",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var cluster = new ClusterOptions();
        var space = new Option<string>("--namespace", "-n") { Description = "Argo CD's namespace", HelpName = "NAMESPACE", DefaultValueFactory = _ => "argocd" };
        var yes = new Option<bool>("--yes") { Description = "Take over, instead of showing the plan" };
        var stop = new Option<bool>("--stop-argocd") { Description = "With --yes: scale Argo CD's controllers to 0 first, and wait until they have ended" };
        var output = OutputOption.Create();
        var command = new Command("argocd", """
            Say what Capstan does with an Argo CD installation, and take it over.

            Without --yes nothing is written: each Application, ApplicationSet, project, cluster, repository and setting is judged, and what is not
            supported is named with its place and reason. Exits 1 when something is not supported. Taking over writes to no object that an
            Application manages, and is refused while a controller of Argo CD's runs.

            Examples:
              capstan migrate argocd
              capstan migrate argocd --context production -n argocd --yes --stop-argocd
              argocd admin export | capstan migrate argocd -
              capstan migrate argocd export.yaml --kubeconfig ~/.local/share/capstan/kubeconfig --yes
            """) { files };
        cluster.AddTo(command);
        foreach (var option in new Option[] { space, yes, stop, output }) command.Options.Add(option);
        command.AddRule(line =>
        {
            if (line.GetValue(stop) && !line.GetValue(yes)) line.AddError("--stop-argocd stops Argo CD before it is taken over. Add --yes");
        });
        command.SetAction(async (line, cancellation) =>
        {
            var (named, from) = (line.GetValue(files)!, line.GetValue(space)!);
            // 1. An export is judged without a cluster.
            var judged = named.Length > 0 ? MigrationPlanner.Plan(await ReadFilesAsync(context, named, from, cancellation).ConfigureAwait(false)) : null;
            if (judged is { Items.Count: 0 })
            {
                throw new CommandException(ExitCodes.NotFound, $"no object of Argo CD's in {string.Join(", ", named)}. Give what `argocd admin export` printed");
            }
            if (judged is not null && !line.GetValue(yes)) return Show(context, line.GetValue(output)!, judged);

            // 2. An installation is read where it runs.
            using var client = cluster.Open(line, context);
            var runner = new MigrationRunner(client, context.Clock);
            if (judged is null) context.Say($"reading namespace {from} of {client.Connection}");
            var plan = judged ?? MigrationPlanner.Plan(await runner.ReadAsync(from, cancellation).ConfigureAwait(false));
            if (plan.Items.Count == 0) throw new CommandException(ExitCodes.NotFound, $"no object of Argo CD's in namespace {from}. Name its namespace with -n");
            var code = Show(context, line.GetValue(output)!, plan);
            if (!line.GetValue(yes)) return code;

            // 3. Taking over, with nobody else at work.
            if (line.GetValue(stop)) await new ArgoControllers(client, context.Clock).StopAsync(Patience, context.Say, cancellation).ConfigureAwait(false);
            if (named.Length > 0) await runner.WriteAsync(plan, cancellation).ConfigureAwait(false);
            else await runner.HandOverAsync(from, plan, cancellation).ConfigureAwait(false);
            context.Say(named.Length > 0
                ? $"written to {client.Connection}; a running Capstan acts on them now, `capstan get apps` tells"
                : $"handed over; start Capstan with `capstan up --kubeconfig FILE --app-namespaces capstan,{from}`, a running one acts now. To go back, stop it and scale Argo CD up");
            return ExitCodes.Fine;
        });
        return command;
    }

    private static async Task<IReadOnlyList<MigrationObject>> ReadFilesAsync(CliContext context, string[] files, string space, CancellationToken cancellation)
    {
        var all = new List<MigrationObject>();
        foreach (var file in files)
        {
            var text = file == "-"
                ? System.Text.Encoding.UTF8.GetBytes(await context.In.ReadToEndAsync(cancellation).ConfigureAwait(false))
                : await File.ReadAllBytesAsync(file, cancellation).ConfigureAwait(false);
            all.AddRange(MigrationExport.Read(file == "-" ? "stdin" : file, text, space));
        }
        return all;
    }

    private static int Show(CliContext context, OutputChoice output, MigrationPlan plan)
    {
        var report = new MigrationReport([.. plan.Items.Select(i => new MigrationLine(i.Source.Object.Key.ToString(), Word(i.Verdict), i.Findings))]);
        Printer.Print(context, output, Printer.Tree(report, MigrationJson.Default.MigrationReport), report.Objects.Select(o => o.Object), () => new TableView(
            ["OBJECT", "VERDICT"], report.Objects.Select(o => (IReadOnlyList<string>)[o.Object, o.Verdict])));
        foreach (var (verdict, text) in plan.Items.SelectMany(i => i.Findings.Select(f => (i.Verdict, f)))) context.Say($"{Word(verdict)}: {text}");
        MigrationVerdict[] verdicts = [MigrationVerdict.Supported, MigrationVerdict.Differs, MigrationVerdict.NotSupported, MigrationVerdict.Left];
        context.Say(string.Join(", ", verdicts.Select(v => $"{plan.Count(v)} {Word(v)}")));
        return plan.Count(MigrationVerdict.NotSupported) == 0 ? ExitCodes.Fine : ExitCodes.Difference;
    }

    private static string Word(MigrationVerdict verdict) => verdict switch
    {
        MigrationVerdict.Supported => "supported",
        MigrationVerdict.Differs => "differs",
        MigrationVerdict.NotSupported => "not supported",
        _ => "left",
    };
}

/// <summary>What <c>migrate</c> found.</summary>
internal sealed record MigrationReport(IReadOnlyList<MigrationLine> Objects);

/// <summary>What becomes of one object.</summary>
internal sealed record MigrationLine(string Object, string Verdict, IReadOnlyList<string> Findings);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MigrationReport))]
internal sealed partial class MigrationJson : JsonSerializerContext;
