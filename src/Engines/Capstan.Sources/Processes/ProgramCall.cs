namespace Capstan.Sources.Processes;

/// <summary>One program to run: no shell, no inherited environment, limits on everything.</summary>
/// <param name="Program">A name that is looked up in PATH, or an absolute path.</param>
/// <param name="Arguments">The arguments, each as it is.</param>
public sealed record ProgramCall(string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>The working folder; the root when not given.</summary>
    public string WorkingFolder { get; init; } = "/";

    /// <summary>The whole environment except PATH, which is inherited.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>After this long the program and its children are killed.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The most bytes of standard output that <see cref="ProcessRunner.RunAsync"/> keeps; more is an error.</summary>
    public int MaxOutputBytes { get; init; } = 64 << 20;

    /// <summary>Standard input for <see cref="ProcessRunner.RunAsync"/>.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }
}

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Errors">The end of what it wrote to standard error.</param>
public sealed record ProgramExit(int ExitCode, string Errors);

/// <summary>How a program ended and what it wrote.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Errors">The end of what it wrote to standard error.</param>
public sealed record ProgramResult(int ExitCode, ReadOnlyMemory<byte> Output, string Errors);

/// <summary>A program that could not be started, ran too long or wrote too much.</summary>
/// <param name="message">Which program and why.</param>
/// <param name="timedOut">Whether its time was up.</param>
/// <param name="inner">The cause, if any.</param>
public sealed class ProgramException(string message, bool timedOut = false, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>Whether its time was up.</summary>
    public bool TimedOut { get; } = timedOut;
}
