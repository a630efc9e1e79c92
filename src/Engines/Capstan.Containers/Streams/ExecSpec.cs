namespace Capstan.Containers.Streams;

/// <summary>A program to run in a container that is running.</summary>
/// <param name="Command">The program and its arguments; no shell is put before it.</param>
public sealed record ExecSpec(IReadOnlyList<string> Command)
{
    /// <summary>Variables besides the container's.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The working folder; empty for the container's.</summary>
    public string WorkingFolder { get; init; } = "";

    /// <summary>User, or <c>user:group</c>; empty for the container's.</summary>
    public string User { get; init; } = "";

    /// <summary>Whether it has a terminal; output and errors are one stream then.</summary>
    public bool Terminal { get; init; }

    /// <summary>Whether its standard input is open.</summary>
    public bool Input { get; init; }

    /// <summary>Whether its output is read.</summary>
    public bool Output { get; init; } = true;

    /// <summary>Whether its errors are read.</summary>
    public bool Error { get; init; } = true;
}
