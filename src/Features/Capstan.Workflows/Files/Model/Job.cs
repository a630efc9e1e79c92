using Capstan.Yaml;

namespace Capstan.Workflows.Files;

/// <summary>A job as written.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Position">Where the id stands.</param>
public sealed record Job(string Id, Position Position)
{
    /// <summary>Its name, with expressions.</summary>
    public Field? Name { get; init; }

    /// <summary>The jobs that must end before.</summary>
    public IReadOnlyList<Field> Needs { get; init; } = [];

    /// <summary>Whether it runs.</summary>
    public Field? If { get; init; }

    /// <summary>Labels of the runner.</summary>
    public YamlNode? RunsOn { get; init; }

    /// <summary>Matrix, fail-fast, max-parallel.</summary>
    public YamlNode? Strategy { get; init; }

    /// <summary>The environment of its steps.</summary>
    public YamlNode? Env { get; init; }

    /// <summary>How steps are run that do not say it themselves.</summary>
    public RunDefaults Defaults { get; init; } = RunDefaults.None;

    /// <summary>What it gives to the jobs that need it, by name.</summary>
    public IReadOnlyDictionary<string, Field> Outputs { get; init; } = new Dictionary<string, Field>(StringComparer.Ordinal);

    /// <summary>The container that its steps run in.</summary>
    public YamlNode? Container { get; init; }

    /// <summary>Containers beside it.</summary>
    public YamlNode? Services { get; init; }

    /// <summary>The longest that it may take.</summary>
    public Field? TimeoutMinutes { get; init; }

    /// <summary>Whether its failure fails the run.</summary>
    public Field? ContinueOnError { get; init; }

    /// <summary>Which jobs may not run beside one another.</summary>
    public YamlNode? Concurrency { get; init; }

    /// <summary>What the token may do in this job.</summary>
    public YamlNode? Permissions { get; init; }

    /// <summary>The environment that it deploys to.</summary>
    public YamlNode? Environment { get; init; }

    /// <summary>The steps in order.</summary>
    public IReadOnlyList<Step> Steps { get; init; } = [];

    /// <summary>The workflow that it calls instead of having steps.</summary>
    public Field? Uses { get; init; }

    /// <summary>What it hands to the workflow that it calls.</summary>
    public YamlNode? With { get; init; }

    /// <summary>The secrets that it hands over, or <c>inherit</c>.</summary>
    public YamlNode? Secrets { get; init; }
}

/// <summary>A step as written.</summary>
/// <param name="Position">Where it begins.</param>
public sealed record Step(Position Position)
{
    /// <summary>Its id, when it has one.</summary>
    public Field? Id { get; init; }

    /// <summary>Its name, with expressions.</summary>
    public Field? Name { get; init; }

    /// <summary>Whether it runs.</summary>
    public Field? If { get; init; }

    /// <summary>The script that it runs.</summary>
    public Field? Run { get; init; }

    /// <summary>What runs the script.</summary>
    public Field? Shell { get; init; }

    /// <summary>Where the script runs.</summary>
    public Field? WorkingDirectory { get; init; }

    /// <summary>The action that it runs.</summary>
    public Field? Uses { get; init; }

    /// <summary>The action's inputs.</summary>
    public YamlNode? With { get; init; }

    /// <summary>Its environment.</summary>
    public YamlNode? Env { get; init; }

    /// <summary>The longest that it may take.</summary>
    public Field? TimeoutMinutes { get; init; }

    /// <summary>Whether its failure fails the job.</summary>
    public Field? ContinueOnError { get; init; }
}
