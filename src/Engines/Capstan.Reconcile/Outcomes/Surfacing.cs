using Microsoft.Extensions.Logging;

namespace Capstan.Reconcile;

/// <summary>What an outcome means for everybody who looks: condition, event, log and the next try.</summary>
/// <param name="Ready">The status of a <c>Ready</c> condition: <c>True</c>, <c>False</c> or <c>Unknown</c>.</param>
/// <param name="Stalled">Whether a <c>Stalled</c> condition is due.</param>
/// <param name="Reason">The reason of the condition and of the event.</param>
/// <param name="Message">The message of the condition and of the event.</param>
/// <param name="EventType"><c>Normal</c> or <c>Warning</c>; null when no event is due.</param>
/// <param name="Level">How loud the log line is.</param>
/// <param name="Requeue">When the key is tried again without any event; null for never.</param>
public sealed record Surface(string Ready, bool Stalled, string Reason, string Message, string? EventType, LogLevel Level, TimeSpan? Requeue);

/// <summary>The one place that turns an <see cref="Outcome"/> into what people and the queue see of it.</summary>
public static class Surfacing
{
    /// <summary>Tells what an outcome means.</summary>
    /// <param name="outcome">How the reconciliation ended.</param>
    /// <param name="failures">Failures in a row, this one included; 0 when it did not fail.</param>
    /// <param name="delay">What the back-off says for so many failures.</param>
    public static Surface Of(Outcome outcome, int failures, TimeSpan delay) => outcome switch
    {
        Outcome.Succeeded done => new("True", false, done.Reason, done.Message, null, LogLevel.Debug, done.CheckAgain),
        Outcome.Waiting waiting => new("Unknown", false, waiting.Reason, waiting.Message, null, LogLevel.Debug, waiting.For),
        Outcome.Stalled stalled => new("False", true, stalled.Reason, Sentence(stalled), "Warning", LogLevel.Warning, null),
        Outcome.Failed failed => new(
            "False",
            false,
            failed.Reason,
            failed.Message,
            // A failure that repeats is one story: its event and its warning come once, until it changes or ends.
            failures <= 1 ? "Warning" : null,
            failures <= 1 ? LogLevel.Warning : LogLevel.Information,
            failed.NotBefore is { } notBefore && notBefore > delay ? notBefore : delay),
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "An outcome of an unknown shape."),
    };

    private static string Sentence(Outcome.Stalled stalled) =>
        stalled.NextAction.Length == 0 ? stalled.Message : $"{stalled.Message.TrimEnd('.')}. {stalled.NextAction}";
}
