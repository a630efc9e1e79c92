using System.CommandLine;
using System.Globalization;
using Capstan.Api.Applications;
using Capstan.Cli.Connection;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan pause APP|appset/NAME|project/NAME --reason TEXT [--for TIME]</c> and <c>capstan resume …</c></summary>
internal static class PauseCommands
{
    private const string Places = "An application, appset/NAME for all that a set generates, or project/NAME for all of a project";

    public static Command Pause(CliContext context)
    {
        var name = new Argument<string>("APP") { Description = Places };
        var reason = new Option<string>("--reason") { Description = "Why; everybody sees it", HelpName = "TEXT", Required = true };
        var time = new Option<TimeSpan>("--for")
        {
            Description = "How long (default 1h); then automation goes on by itself",
            HelpName = "TIME",
            DefaultValueFactory = _ => TimeSpan.FromHours(1),
            CustomParser = result =>
            {
                var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
                if (WaitCommand.ParseTime(text) is { } read) return read;
                result.AddError($"--for {text}: is no time. Give one such as 30m, 4h or 48h");
                return TimeSpan.Zero;
            },
        };
        var command = new Command("pause", """
            Let automation rest for a while: no sync by itself, no self-heal. What is asked for by hand is still done.

            Examples:
              capstan pause shop --reason "moving the database" --for 4h
              capstan pause appset/tenants --reason "incident 42"
              capstan pause project/payments --reason "year end" --for 48h
            """) { name, reason, time };
        command.SetAction(async (line, cancellation) =>
        {
            using var client = Connecting.Client(line, context);
            var (place, bare) = PlaceOf(line.GetValue(name)!);
            var until = (context.Clock.GetUtcNow() + line.GetValue(time)).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
            await client.PauseAsync(place, bare, new PauseRequest(until, line.GetValue(reason)!), cancellation).ConfigureAwait(false);
            context.Say($"{line.GetValue(name)}: automation rests until {until}; `capstan resume {line.GetValue(name)}` ends it before");
            return ExitCodes.Fine;
        });
        return command;
    }

    public static Command Resume(CliContext context)
    {
        var name = new Argument<string>("APP") { Description = Places };
        var command = new Command("resume", "Let automation go on that was paused.\n\nExamples:\n  capstan resume shop") { name };
        command.SetAction(async (line, cancellation) =>
        {
            using var client = Connecting.Client(line, context);
            var (place, bare) = PlaceOf(line.GetValue(name)!);
            await client.ResumeAsync(place, bare, cancellation).ConfigureAwait(false);
            context.Say($"{line.GetValue(name)}: automation goes on");
            return ExitCodes.Fine;
        });
        return command;
    }

    private static (string Place, string Name) PlaceOf(string text) => text.Split('/', 2) switch
    {
        ["appset", var set] => ("applicationsets", set),
        ["project", var project] => ("projects", project),
        _ => ("applications", text),
    };
}
