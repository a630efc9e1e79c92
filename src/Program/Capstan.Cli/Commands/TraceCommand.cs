using System.CommandLine;
using Capstan.Api.Pipelines;
using Capstan.Cli.Connection;
using Capstan.Cli.Output;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan trace POD|IMAGE|COMMIT</c></summary>
internal static class TraceCommand
{
    public static Command Create(CliContext context)
    {
        var subject = new Argument<string>("POD|IMAGE|COMMIT") { Description = "[NAMESPACE/]POD, an image or its digest, or a commit: of the source, or of a promotion" };
        var output = OutputOption.Create();
        var command = new Command("trace", """
            Tell the whole chain of a pod, an image or a commit: commit, run, checks, images, release, promotions, applications, pods.

            Examples:
              capstan trace shop-dev/web-5d9c7b8f6-x2x7k
              capstan trace 127.0.0.1:7070/shop@sha256:4bf5…
              capstan trace 3f2a91c
            """) { subject, output };
        command.SetAction(async (line, cancellation) =>
        {
            using var client = Connecting.Client(line, context);
            var report = await client.TraceAsync(line.GetValue(subject)!, cancellation).ConfigureAwait(false);
            if (line.GetValue(output)!.Form is OutputForm.Table or OutputForm.Wide) Print(context.Out, report);
            else Printer.Print(context, line.GetValue(output)!, Printer.Tree(report, PipelinesJson.Default.TraceReport), report.Releases.Select(r => $"release.capstan.dev/{r.Name}"), () => new TableView([], []));
            return ExitCodes.Fine;
        });
        return command;
    }

    /// <summary>Tells a chain, for people.</summary>
    internal static void Print(TextWriter to, TraceReport report)
    {
        foreach (var release in report.Releases)
        {
            if (release != report.Releases[0]) to.WriteLine();
            to.WriteLine($"release {release.Name}{(release.Quarantined is null ? "" : $"  (quarantined in {release.Quarantined})")}");
            to.WriteLine($"  commit   {GetCommand.Short(release.Commit)}{With("of", release.Repository)}{With("by", release.Actor)}{(release.Title is null ? "" : ": " + release.Title)}");
            if (release.Run is not null) to.WriteLine($"  run      {release.Run}{With("by", release.Workflow)}");
            foreach (var check in release.Checks) to.WriteLine($"  check    {check.Name}: {check.Conclusion}");
            if (release.Tests is not null) to.WriteLine($"  tests    {release.Tests}");
            foreach (var image in release.Images) to.WriteLine($"  image    {image}");
            foreach (var promotion in release.Promotions) Print(to, promotion);
        }
    }

    private static void Print(TextWriter to, TracedPromotion promotion)
    {
        var what = promotion.Reverted ? "was taken back by" : promotion.Current ? "is there since" : "was there from";
        to.WriteLine($"  {promotion.Pipeline}/{promotion.Stage}: {what} commit {GetCommand.Short(promotion.Commit ?? "")} of {promotion.Repository}{With("at", promotion.At)}{string.Concat(promotion.Approvals.Select(a => $", approved by {a}"))}");
        foreach (var application in promotion.Applications)
        {
            to.WriteLine($"    application {application.Name}: {application.Sync}, {application.Health} at {GetCommand.Short(application.Revision)}");
            foreach (var pod in application.Pods) to.WriteLine($"      pod {pod.Name}: {pod.Phase}");
        }
    }

    private static string With(string word, string? value) => value is null ? "" : $" {word} {value}";
}
