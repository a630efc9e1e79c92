using Capstan.Yaml;

namespace Capstan.Workflows.Files;

/// <summary>One event that starts a workflow, with its filters.</summary>
/// <param name="Event">The event's name.</param>
/// <param name="Position">Where it is named.</param>
public sealed record Trigger(string Event, Position Position)
{
    /// <summary>Filters by name (<c>branches</c>, <c>paths-ignore</c>, <c>types</c>, <c>workflows</c> …) in the order written.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Field>> Filters { get; init; } = new Dictionary<string, IReadOnlyList<Field>>(StringComparer.Ordinal);

    /// <summary>When a schedule is due.</summary>
    public IReadOnlyList<Schedule> Schedules { get; init; } = [];

    /// <summary>What a person or another workflow may hand over.</summary>
    public IReadOnlyList<Input> Inputs { get; init; } = [];

    /// <summary>Outputs of a workflow that is called, by name.</summary>
    public IReadOnlyDictionary<string, Field> Outputs { get; init; } = new Dictionary<string, Field>(StringComparer.Ordinal);

    /// <summary>Secrets that a workflow that is called asks for, by name, with whether each is required.</summary>
    public IReadOnlyDictionary<string, bool> Secrets { get; init; } = new Dictionary<string, bool>(StringComparer.Ordinal);

    /// <summary>The patterns of a filter; empty when it is not there.</summary>
    public IReadOnlyList<Field> Filter(string name) => Filters.GetValueOrDefault(name) ?? [];
}

/// <summary>One time table of a schedule.</summary>
/// <param name="Cron">Five fields of cron.</param>
/// <param name="TimeZone">The time zone's name; UTC when null.</param>
public sealed record Schedule(Field Cron, Field? TimeZone);

/// <summary>One input of a workflow or action.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Position">Where it is named.</param>
public sealed record Input(string Name, Position Position)
{
    /// <summary><c>string</c>, <c>boolean</c>, <c>number</c>, <c>choice</c> or <c>environment</c>.</summary>
    public string Type { get; init; } = "string";

    /// <summary>Whether a value must be given.</summary>
    public bool Required { get; init; }

    /// <summary>The value when none is given.</summary>
    public YamlScalar? Default { get; init; }

    /// <summary>Where its settings begin.</summary>
    public Position Settings { get; init; } = Position;

    /// <summary>What may be chosen.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>What it is for.</summary>
    public string Description { get; init; } = "";
}
