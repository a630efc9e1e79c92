using Capstan.Expressions;

namespace Capstan.Workflows.Running;

/// <summary>The steps that see one another: those of a job, or of one use of a composite action. One owner changes it: the job that runs.</summary>
/// <param name="inputs">What <c>inputs</c> is.</param>
internal sealed class StepScope(ObjectValue inputs)
{
    private readonly OrderedDictionary<string, ExpressionValue> _steps = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What <c>inputs</c> is.</summary>
    public ObjectValue Inputs => inputs;

    /// <summary>Whether a step failed.</summary>
    public bool Failed { get; set; }

    /// <summary>The action whose steps these are; empty for a job.</summary>
    public string ActionPath { get; init; } = "";

    /// <summary>The file of the steps, for messages.</summary>
    public required string File { get; init; }

    /// <summary>The <c>steps</c> context.</summary>
    public ObjectValue Steps => new(_steps);

    /// <summary>Records a step that has ended.</summary>
    public void Record(string? id, string outcome, string conclusion, IReadOnlyDictionary<string, string> outputs)
    {
        if (id is null) return;
        _steps[id] = ObjectValue.Of(
            ("outputs", ObjectValue.Of(outputs)), ("outcome", ExpressionValue.Of(outcome)), ("conclusion", ExpressionValue.Of(conclusion)));
    }
}
