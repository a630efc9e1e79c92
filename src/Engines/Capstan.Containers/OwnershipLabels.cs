namespace Capstan.Containers;

/// <summary>The labels by which what is ours is known again.</summary>
public static class OwnershipLabels
{
    /// <summary>Who made it: the value is <see cref="ContainerEngine.Owner"/>.</summary>
    public const string Owner = "dev.capstan.owner";

    internal static Dictionary<string, string> With(string owner, IReadOnlyDictionary<string, string> labels) =>
        new(labels, StringComparer.Ordinal) { [Owner] = owner };

    internal static Dictionary<string, IDictionary<string, bool>> Filter(string owner, IReadOnlyDictionary<string, string> labels) => new(StringComparer.Ordinal)
    {
        ["label"] = With(owner, labels).ToDictionary(l => $"{l.Key}={l.Value}", _ => true, StringComparer.Ordinal),
    };

    internal static bool IsOwn(string owner, IDictionary<string, string>? labels) =>
        labels is not null && labels.TryGetValue(Owner, out var value) && value == owner;
}
