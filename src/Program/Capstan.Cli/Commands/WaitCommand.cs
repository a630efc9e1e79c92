using System.CommandLine;
using System.Globalization;
using Capstan.Api.Applications;
using Capstan.Api.Client;
using Capstan.Cli.Connection;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan wait APP… [--revision SHA] [--timeout T]</c></summary>
internal static class WaitCommand
{
    public static Command Create(CliContext context)
    {
        var names = ApplicationArguments.Many();
        var revision = new Option<string?>("--revision") { Description = "The commit to wait for, or its first digits", HelpName = "SHA" };
        var timeout = TimeoutOption("5m");
        var command = new Command("wait", """
            Wait until applications are Synced and Healthy.

            Examples:
              capstan wait shop
              capstan wait shop --revision $(git rev-parse HEAD) --timeout 2m
            """) { names, revision, timeout };
        command.SetAction(async (line, cancellation) =>
        {
            using var client = Connecting.Client(line, context);
            var wait = new Wait(client, context, line.GetValue(revision));
            var answers = await Task.WhenAll(line.GetValue(names)!.Select(n => wait.ForAsync(n, line.GetValue(timeout), cancellation))).ConfigureAwait(false);
            return answers.Max();
        });
        return command;
    }

    /// <summary>A <c>--timeout</c> that takes <c>90</c>, <c>90s</c>, <c>5m</c> and <c>1h</c>.</summary>
    public static Option<TimeSpan> TimeoutOption(string standard) => new("--timeout")
    {
        Description = $"How long to wait at most (default {standard})",
        HelpName = "TIME",
        DefaultValueFactory = _ => ParseTime(standard) ?? TimeSpan.Zero,
        CustomParser = result =>
        {
            var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
            if (ParseTime(text) is { } time) return time;
            result.AddError($"--timeout {text}: is no time. Give one such as 90s, 5m or 1h");
            return TimeSpan.Zero;
        },
    };

    internal static TimeSpan? ParseTime(string text)
    {
        var (number, unit) = text switch
        {
            [.., 's'] => (text[..^1], 1),
            [.., 'm'] => (text[..^1], 60),
            [.., 'h'] => (text[..^1], 3600),
            _ => (text, 1),
        };
        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value <= 1_000_000
            ? TimeSpan.FromSeconds(value * unit)
            : null;
    }
}

/// <summary>Waits for one application after another event of it.</summary>
internal sealed class Wait(CapstanClient client, CliContext context, string? revision)
{
    /// <returns>The exit code: fine, or timed out with the reason on stderr.</returns>
    public async Task<int> ForAsync(string name, TimeSpan timeout, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var timer = new CancellationTokenSource(timeout, context.Clock);
        using var joined = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, timer.Token);
        var last = "";
        ApplicationSummary? seen = null;
        try
        {
            // The stream ends when the server stops; a server that comes back is asked anew.
            for (var attempt = 0; ; attempt++)
            {
                try
                {
                    await foreach (var application in client.WatchApplicationAsync(name, joined.Token).ConfigureAwait(false))
                    {
                        seen = ApplicationSummary.Of(application);
                        if (IsReached(seen)) return Done(name, seen);
                        last = Tell(name, seen, last);
                    }
                }
                catch (Exception e) when (e is IOException or Api.Problems.ServerUnreachableException && attempt < 60 && seen is not null)
                {
                    context.Say($"{name}: {e.Message}");
                }
                await Task.Delay(TimeSpan.FromSeconds(1), context.Clock, joined.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            var state = seen is null ? "nothing was heard of it" : $"{seen.Sync}, {seen.Health}, at {seen.Revision}";
            var conditions = seen is { Conditions.Count: > 0 } ? " " + string.Join("; ", seen.Conditions) : "";
            context.Say($"{name}: not reached within {timeout.TotalSeconds:0} s: {state}.{conditions} `capstan why {name}` tells the cause");
            return ExitCodes.TimedOut;
        }
    }

    private bool IsReached(ApplicationSummary seen) =>
        seen is { IsGreen: true, IsBusy: false } && (revision is null || seen.Revisions.Any(r => r.StartsWith(revision, StringComparison.Ordinal)));

    private int Done(string name, ApplicationSummary seen)
    {
        context.Out.WriteLine($"{name} {seen.Sync} {seen.Health} {seen.Revision}");
        return ExitCodes.Fine;
    }

    private string Tell(string name, ApplicationSummary seen, string last)
    {
        var line = $"{name}: {seen.Sync}, {seen.Health}{(seen.Operation.Length > 0 ? ", operation " + seen.Operation : "")}{(seen.Revision.Length > 0 ? " at " + GetCommand.Short(seen.Revision) : "")}";
        if (line != last) context.Say(line);
        return line;
    }
}
