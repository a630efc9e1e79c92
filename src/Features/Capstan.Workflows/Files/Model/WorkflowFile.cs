using Capstan.Yaml;

namespace Capstan.Workflows.Files;

/// <summary>A workflow as its author wrote it. Parts that may hold expressions are kept as written, and evaluated when they are needed.</summary>
/// <param name="Path">Where the file lies in its repository.</param>
public sealed record WorkflowFile(string Path)
{
    /// <summary>Its name; the path when it has none.</summary>
    public string Name { get; init; } = Path;

    /// <summary>The name of its runs, with expressions.</summary>
    public Field? RunName { get; init; }

    /// <summary>What starts it.</summary>
    public IReadOnlyList<Trigger> On { get; init; } = [];

    /// <summary>The environment of all jobs.</summary>
    public YamlNode? Env { get; init; }

    /// <summary>How steps are run that do not say it themselves.</summary>
    public RunDefaults Defaults { get; init; } = RunDefaults.None;

    /// <summary>Which runs may not run beside one another.</summary>
    public YamlNode? Concurrency { get; init; }

    /// <summary>What the run's token may do.</summary>
    public YamlNode? Permissions { get; init; }

    /// <summary>The jobs in the order written.</summary>
    public IReadOnlyList<Job> Jobs { get; init; } = [];

    /// <summary>The job of an id, or null.</summary>
    public Job? Job(string id) => Jobs.FirstOrDefault(j => j.Id == id);
}

/// <summary>A text with its place.</summary>
/// <param name="Text">The text, with expressions as written.</param>
/// <param name="Position">Where it begins.</param>
public sealed record Field(string Text, Position Position)
{
    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary><c>defaults.run</c>.</summary>
/// <param name="Shell">The shell.</param>
/// <param name="WorkingDirectory">The folder.</param>
public sealed record RunDefaults(Field? Shell, Field? WorkingDirectory)
{
    /// <summary>Nothing said.</summary>
    public static readonly RunDefaults None = new(null, null);
}
