using Capstan.Cli.Hosting;
using Spectre.Console;

namespace Capstan.Cli;

/// <summary>Everything of the outside world that commands use.</summary>
public sealed class CliContext
{
    /// <summary>Where data goes.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Where progress and errors go.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Starts servers.</summary>
    public required IServerHost Host { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Reads a variable of the environment; absent and empty are the same.</summary>
    public Func<string, string?> Environment { get; init; } = name => System.Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    /// <summary>Version and commit, as <c>--version</c> prints them.</summary>
    public required string Version { get; init; }

    /// <summary>Whether stdout is a terminal that takes colours.</summary>
    public bool Colours { get; init; }

    /// <summary>Whether a person can answer questions.</summary>
    public bool Interactive { get; init; }

    /// <summary>Reads a line of a person's answer.</summary>
    public TextReader In { get; init; } = TextReader.Null;

    /// <summary>A console over <see cref="Out"/> that never wraps what a program may read.</summary>
    internal IAnsiConsole Console()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = Colours ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = Colours ? ColorSystemSupport.EightBit : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(Out),
        });
        console.Profile.Width = 4_000;
        return console;
    }

    /// <summary>Tells a step of the work on stderr.</summary>
    internal void Say(string line) => Error.WriteLine(line);
}
