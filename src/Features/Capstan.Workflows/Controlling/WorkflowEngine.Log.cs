using Microsoft.Extensions.Logging;

namespace Capstan.Workflows.Controlling;

/// <summary>What the engine tells operators.</summary>
internal static partial class WorkflowLog
{
    [LoggerMessage(4100, LogLevel.Information, "Run {Run} was under way when the server ended; it goes on")]
    public static partial void RunContinues(this ILogger log, string run);

    [LoggerMessage(4101, LogLevel.Error, "Run {Run} ended by a failure of the server; it goes on at the next start")]
    public static partial void RunFailed(this ILogger log, Exception failure, string run);

    [LoggerMessage(4102, LogLevel.Error, "Events of {Repository} could not be dealt with; they are looked for again")]
    public static partial void EventsFailed(this ILogger log, Exception failure, string repository);

    [LoggerMessage(4103, LogLevel.Information, "{Event} of {Repository} at {Commit} started {Run}")]
    public static partial void RunStarted(this ILogger log, string @event, string repository, string commit, string run);

    [LoggerMessage(4104, LogLevel.Information, "Release {Release} was made of run {Run}")]
    public static partial void ReleaseMade(this ILogger log, string release, string run);

    [LoggerMessage(4106, LogLevel.Warning, "What run {Run} left could not be kept in the registry now; it is tried again")]
    public static partial void RunNotKept(this ILogger log, Exception failure, string run);

    [LoggerMessage(4107, LogLevel.Warning, "What runs left could not be looked through now; it is tried again in an hour")]
    public static partial void RunsNotPruned(this ILogger log, Exception failure);

    [LoggerMessage(4105, LogLevel.Warning, "The release of run {Run} could not be made now; it is tried again")]
    public static partial void ReleaseFailed(this ILogger log, Exception failure, string run);
}
