using Capstan.Expressions;

namespace Capstan.Workflows.Running;

/// <summary>What <c>concurrency</c> says.</summary>
/// <param name="Key">The group.</param>
/// <param name="CancelRunning">Whether the member that runs is ended for a newer one.</param>
internal sealed record ConcurrencyKey(string Key, bool CancelRunning)
{
    /// <summary>Reads an evaluated value; null for nothing.</summary>
    public static ConcurrencyKey? Of(ExpressionValue value)
    {
        if (value is not ObjectValue map) return value.Text.Length == 0 ? null : new ConcurrencyKey(value.Text, false);
        var group = map.TryGet("group", out var name) ? name.Text : "";
        return group.Length == 0 ? null : new ConcurrencyKey(group, map.TryGet("cancel-in-progress", out var cancel) && (cancel.Kind == ValueKind.Boolean ? cancel.IsTruthy : cancel.Text == "true"));
    }
}
