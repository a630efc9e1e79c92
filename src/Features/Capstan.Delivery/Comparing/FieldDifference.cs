using Capstan.Yaml;

namespace Capstan.Delivery.Comparing;

/// <summary>One field that is not as desired.</summary>
/// <param name="Path">The field, as in <c>.spec.replicas</c>.</param>
/// <param name="Wanted">What Git says; null when Git does not have the field.</param>
/// <param name="Live">What the cluster has; null when it does not have the field.</param>
/// <param name="Manager">Who wrote the live value; null when unknown.</param>
/// <param name="Since">When that was; null when unknown.</param>
public sealed record FieldDifference(string Path, YamlNode? Wanted, YamlNode? Live, string? Manager = null, DateTimeOffset? Since = null)
{
    private const int LongestValue = 120;

    /// <summary><c>.spec.replicas: 3 → 2 (kubectl-edit)</c>: from the live value to the wanted one.</summary>
    public override string ToString() => $"{Path}: {Show(Live)} → {Show(Wanted)}{(Manager is null ? "" : $" ({Manager})")}";

    private static string Show(YamlNode? value)
    {
        var text = value?.ToString() ?? "absent";
        return text.Length <= LongestValue ? text : text[..LongestValue] + "…";
    }
}
