using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Sync;

/// <summary>
/// Takes over what other deliverers owned of an object, so that a field that Git does not hold any more really goes. Without it such a
/// field would stay for ever: the API server removes on apply only what the applying manager owns.
/// </summary>
internal static class FieldTakeover
{
    /// <summary>The manager of everything that is applied.</summary>
    public const string Manager = "capstan";

    private static readonly HashSet<string> Ours = new(StringComparer.Ordinal) { Manager };

    /// <summary>
    /// The JSON patch that hands the fields over; null when there is nothing to take. That is so after the first time: what people change
    /// with kubectl later is drift, or additions of theirs that Git never spoke of.
    /// </summary>
    /// <param name="live">The object.</param>
    /// <param name="further">A manager to take over from beside the known ones; empty for none.</param>
    public static YamlList? Patch(KubernetesObject live, string further = "")
    {
        var entries = ManagedFields.ParseOrEmpty(live);
        var after = Entries(entries, further);
        if (ReferenceEquals(after, entries))
        {
            return null;
        }

        var taken = ManagedFields.Write(live, after);
        var patch = YamlList.Create(
        [
            YamlMap.Of(("op", "test"), ("path", "/metadata/resourceVersion"), ("value", live.ResourceVersion)),
            YamlMap.Of(("op", "replace"), ("path", "/metadata/managedFields"), ("value", taken.Metadata["managedFields"] ?? YamlList.Empty)),
        ]);

        // What kubectl remembers there is out of date from now on, and would mislead its next apply.
        return live.Annotations.ContainsKey(LastApplied.Annotation)
            ? patch.Append(YamlMap.Of(("op", "remove"), ("path", "/metadata/annotations/" + LastApplied.Annotation.Replace("/", "~1", StringComparison.Ordinal))))
            : patch;
    }

    /// <summary>The entries as they are once everything is taken over; the same list when there is nothing to take.</summary>
    public static IReadOnlyList<ManagedEntry> Entries(IReadOnlyList<ManagedEntry> entries, string further = "")
    {
        if (entries.Any(e => e.Manager == Manager && e.Operation == ManagedOperation.Apply))
        {
            return entries;
        }

        var from = entries.Select(e => e.Manager).Where(m => IsDeliverer(m) || m == further).ToHashSet(StringComparer.Ordinal);
        return from.Count == 0 ? entries : ManagedFields.TakeOver(entries, from, Manager);
    }

    /// <summary>Whose fields go when Git does not hold them: ours, and before the first apply those that it will take over.</summary>
    /// <param name="live">The object.</param>
    /// <param name="migrates">Whether anything is taken over at all.</param>
    /// <param name="further">A manager to take over from beside the known ones; empty for none.</param>
    public static IReadOnlySet<string> OwnersOf(KubernetesObject live, bool migrates = true, string further = "")
    {
        if (!migrates)
        {
            return Ours;
        }

        var entries = ManagedFields.ParseOrEmpty(live);
        return entries.Any(e => e.Manager == Manager && e.Operation == ManagedOperation.Apply)
            ? Ours
            : entries.Select(e => e.Manager).Where(m => IsDeliverer(m) || m == further).Append(Manager).ToHashSet(StringComparer.Ordinal);
    }

    private static bool IsDeliverer(string manager) =>
        manager.StartsWith("kubectl", StringComparison.Ordinal) || manager is "argocd-controller" or "argocd-application-controller" or ManagedFields.BeforeFirstApply;
}
