using Capstan.Workflows.Files;
using Capstan.Yaml;

namespace Capstan.Workflows.Actions;

/// <summary>How an action runs.</summary>
public enum ActionKind
{
    /// <summary>Its steps run in the job.</summary>
    Composite,

    /// <summary>A script run by node.</summary>
    JavaScript,

    /// <summary>A container.</summary>
    Docker,
}

/// <summary>An <c>action.yml</c>.</summary>
/// <param name="Path">The file.</param>
/// <param name="Kind">How it runs.</param>
public sealed record ActionFile(string Path, ActionKind Kind)
{
    /// <summary>Its name.</summary>
    public string Name { get; init; } = Path;

    /// <summary>What it takes.</summary>
    public IReadOnlyList<Input> Inputs { get; init; } = [];

    /// <summary>What it gives; the value is an expression of a composite action, otherwise empty.</summary>
    public IReadOnlyDictionary<string, Field> Outputs { get; init; } = new Dictionary<string, Field>(StringComparer.Ordinal);

    /// <summary><c>node20</c>, <c>node24</c>; empty for others.</summary>
    public string Node { get; init; } = "";

    /// <summary>The script before the job's steps; empty for none.</summary>
    public string Pre { get; init; } = "";

    /// <summary>The script, or what the container runs.</summary>
    public string Main { get; init; } = "";

    /// <summary>The script after the job's steps; empty for none.</summary>
    public string Post { get; init; } = "";

    /// <summary>Whether the script after the steps runs; <c>always()</c> when not said.</summary>
    public Field? PostIf { get; init; }

    /// <summary>The steps of a composite action.</summary>
    public IReadOnlyList<Step> Steps { get; init; } = [];

    /// <summary>The image of a container: <c>Dockerfile</c>, a path, or <c>docker://image</c>.</summary>
    public string Image { get; init; } = "";

    /// <summary>Arguments of the container, with expressions.</summary>
    public IReadOnlyList<Field> Arguments { get; init; } = [];

    /// <summary>The container's environment.</summary>
    public YamlNode? Env { get; init; }
}
