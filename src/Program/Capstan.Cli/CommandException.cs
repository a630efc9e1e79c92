namespace Capstan.Cli;

/// <summary>A command ends with a message and an exit code; nothing else is printed.</summary>
/// <param name="exitCode">One of <see cref="ExitCodes"/>.</param>
/// <param name="message">What happened, where, and what to do next.</param>
public sealed class CommandException(int exitCode, string message) : Exception(message)
{
    /// <summary>The exit code.</summary>
    public int ExitCode { get; } = exitCode;
}
