using Capstan.Workflows.Places;

namespace Capstan.Workflows.Files.Schema;

/// <summary>What a person or another workflow may hand to a workflow.</summary>
internal static class InputSchema
{
    private static readonly TextShape Text = new();
    private static readonly FlagShape Flag = new();
    private static readonly ChoiceShape Scalar = new(new FlagShape(), new NumberShape(), new TextShape());

    /// <summary><c>workflow_dispatch</c>.</summary>
    public static ChoiceShape Dispatch { get; } = new(new NullShape(), new MapShape(
    [
        new("inputs", new MapShape([], new MapShape(
        [
            new("description", Text),
            new("type", OneOf("string", "boolean", "number", "environment", "choice")),
            new("required", Flag),
            new("default", Scalar),
            new("options", new ListShape(Text)),
        ]))),
    ]));

    /// <summary><c>workflow_call</c>.</summary>
    public static ChoiceShape Call { get; } = new(new NullShape(), new MapShape(
    [
        new("inputs", new MapShape([], new MapShape(
        [
            new("description", Text),
            new("type", OneOf("string", "boolean", "number"), Required: true),
            new("required", Flag),
            new("default", Scalar with { Place = Place.WholeRun }),
        ]))),
        new("secrets", new MapShape([], new ChoiceShape(new NullShape(), new MapShape([new("description", Text), new("required", Flag)])))),
        new("outputs", new MapShape([], new MapShape([new("description", Text), new("value", Text with { Place = Place.CallOutputs }, Required: true)]))),
    ]));

    private static ChoiceShape OneOf(params string[] words) => new([.. words.Select(w => new TextShape(Exactly: w))]);
}
