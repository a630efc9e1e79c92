using System.Globalization;
using System.Text;
using Capstan.Delivery.Comparing;
using Capstan.Delivery.Sync.Directives;
using Capstan.Resources;

namespace Capstan.Delivery.Sync;

/// <summary>What a sync does to one object.</summary>
public enum SyncAction
{
    /// <summary>It is as desired.</summary>
    None,

    /// <summary>It is made.</summary>
    Create,

    /// <summary>Fields of it are changed.</summary>
    Change,

    /// <summary>It is deleted.</summary>
    Prune,

    /// <summary>It left the source and stays nevertheless; the step says why.</summary>
    Keep,

    /// <summary>It cannot be applied, or is not ours to apply; the step says why.</summary>
    Refuse,

    /// <summary>It is a hook, which is made and waited for.</summary>
    Hook,
}

/// <summary>What a sync does to one object, and why.</summary>
/// <param name="Action">What is done.</param>
/// <param name="Kind">Kind with version.</param>
/// <param name="Key">Which object.</param>
/// <param name="Desired">As it should be; null for a deletion.</param>
/// <param name="Live">As it is; null when it is not there.</param>
/// <param name="Differences">The fields that change.</param>
/// <param name="Reason">Why nothing is done; empty otherwise.</param>
public sealed record SyncStep(
    SyncAction Action,
    GroupVersionKind Kind,
    ObjectKey Key,
    DesiredObject? Desired,
    KubernetesObject? Live,
    IReadOnlyList<FieldDifference> Differences,
    string Reason = "")
{
    /// <summary>The part of the sync that it belongs to.</summary>
    public SyncPhase Phase { get; init; } = SyncPhase.Sync;

    /// <summary>Its wave within the phase.</summary>
    public int Wave { get; init; }

    /// <summary>What the object itself asks for.</summary>
    public ObjectDirectives Directives { get; init; } = ObjectDirectives.Plain;

    /// <summary>The health of the live object; null for a kind without a rule, and for what is not live.</summary>
    public HealthAssessment? Health { get; init; }

    /// <summary>Whether a person has to agree to the deletion first.</summary>
    public bool AwaitsApproval { get; init; }

    /// <summary>Whether the step changes an object of the source in the cluster; hooks come and go and do not count.</summary>
    public bool Writes => Action is SyncAction.Create or SyncAction.Change or SyncAction.Prune;

    /// <summary>Whether it runs a hook.</summary>
    public bool IsHook => Action == SyncAction.Hook;
}

/// <summary>Everything that a sync would do, before it does any of it.</summary>
/// <param name="Revision">The commit that is synced.</param>
/// <param name="Steps">One step an object, in the order in which they are done.</param>
/// <param name="Refusal">Why the sync is refused as a whole; null when it may run.</param>
public sealed record SyncPlan(string Revision, IReadOnlyList<SyncStep> Steps, string? Refusal = null)
{
    /// <summary>The steps that write.</summary>
    public IEnumerable<SyncStep> Writes => Steps.Where(s => s.Writes);

    /// <summary>Whether a sync would change anything.</summary>
    public bool IsEmpty => !Writes.Any();

    /// <summary>The plan for people: one line a step, the fields that change beneath, and a count at the end.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        foreach (var step in Steps.Where(s => s.Action != SyncAction.None))
        {
            text.Append(CultureInfo.InvariantCulture, $"{Sign(step.Action)} {step.Key}");
            text.Append(step.Desired is { } desired ? $"  ({desired.Origin})" : "").Append(When(step)).Append(step.Reason.Length > 0 ? $": {step.Reason}" : "").Append('\n');
            foreach (var difference in step.Differences)
            {
                text.Append("    ").Append(difference).Append('\n');
            }
        }

        text.Append(CultureInfo.InvariantCulture, $"{Count(SyncAction.Create)} to create, {Count(SyncAction.Change)} to change, {Count(SyncAction.Prune)} to prune, {Count(SyncAction.None)} unchanged{Hooks}\n");
        return Refusal is null ? text.ToString() : text.Append("refused: ").Append(Refusal).Append('\n').ToString();
    }

    /// <summary>How many steps do this.</summary>
    public int Count(SyncAction action) => Steps.Count(s => s.Action == action);

    private string Hooks => Count(SyncAction.Hook) is > 0 and var hooks ? string.Create(CultureInfo.InvariantCulture, $", {hooks} hooks") : "";

    private static string When(SyncStep step)
    {
        var wave = step.Wave == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" wave {step.Wave}");
        return step.IsHook ? $" [{step.Phase} hook{wave}]" : wave.Length > 0 ? $" [{wave.TrimStart()}]" : "";
    }

    private static char Sign(SyncAction action) => action switch
    {
        SyncAction.Create => '+',
        SyncAction.Change => '~',
        SyncAction.Prune => '-',
        SyncAction.Refuse => '!',
        SyncAction.Hook => '*',
        _ => ' ',
    };
}
