using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>Who owns which fields of an object: <c>metadata.managedFields</c>, kept as the API server keeps it.</summary>
public static class ManagedFields
{
    /// <summary>The manager that owns what was there before the first apply of an object without managed fields.</summary>
    public const string BeforeFirstApply = "before-first-apply";

    /// <summary>How many updaters of one object are told apart; the oldest are merged into <c>ancient-changes</c>.</summary>
    public const int MaxUpdateManagers = 10;

    internal static readonly FieldSet NeverOwned = FieldSet.Of(
        FieldPath.Of("apiVersion"), FieldPath.Of("kind"), FieldPath.Of("metadata"), FieldPath.Of("metadata", "name"),
        FieldPath.Of("metadata", "namespace"), FieldPath.Of("metadata", "creationTimestamp"), FieldPath.Of("metadata", "selfLink"),
        FieldPath.Of("metadata", "uid"), FieldPath.Of("metadata", "clusterName"), FieldPath.Of("metadata", "generation"),
        FieldPath.Of("metadata", "managedFields"), FieldPath.Of("metadata", "resourceVersion"));

    /// <summary>Reads an object's entries; empty when it has none.</summary>
    /// <exception cref="FormatException">An entry is malformed.</exception>
    public static IReadOnlyList<ManagedEntry> Parse(KubernetesObject value) =>
        value.Metadata["managedFields"] is YamlList list ? [.. list.Select(ManagedEntry.Parse)] : [];

    /// <summary>Reads an object's entries; empty when it has none or they are malformed.</summary>
    public static IReadOnlyList<ManagedEntry> ParseOrEmpty(KubernetesObject? value)
    {
        try
        {
            return value is null ? [] : Parse(value);
        }
        catch (FormatException)
        {
            // As in the API server: entries that cannot be read are as good as none.
            return [];
        }
    }

    /// <summary>The object with these entries, in Kubernetes' order; without the field when there are none.</summary>
    public static KubernetesObject Write(KubernetesObject value, IEnumerable<ManagedEntry> entries)
    {
        var list = entries.OrderBy(e => e.Operation).ThenBy(e => e.Time?.ToUnixTimeSeconds() ?? 0).ThenBy(e => e.Manager, StringComparer.Ordinal)
            .ThenBy(e => e.ApiVersion, StringComparer.Ordinal).ThenBy(e => e.Subresource, StringComparer.Ordinal)
            .Select(e => (YamlNode)e.ToMap()).ToList();
        return list.Count == 0 ? Strip(value) : value.With(["metadata", "managedFields"], new YamlList(list));
    }

    /// <summary>The object without managed fields.</summary>
    public static KubernetesObject Strip(KubernetesObject value) =>
        value.Metadata.ContainsKey("managedFields") ? value.Without("metadata", "managedFields") : value;

    /// <summary>
    /// The managed fields after a create, update, or patch other than apply: the writer owns what it changed, and others lose that. Entries
    /// that the written object carries itself replace the live ones, as a client may edit them; <c>[]</c> or <c>[{}]</c> drops all.
    /// </summary>
    /// <param name="live">The object as it was; null on create.</param>
    /// <param name="updated">The object as it is written.</param>
    /// <param name="context">Who writes.</param>
    /// <returns>The written object with its managed fields.</returns>
    public static KubernetesObject AfterUpdate(KubernetesObject? live, KubernetesObject updated, WriteContext context)
    {
        var entries = EntriesOf(live, updated, context.Subresource);
        if (live is not null && entries.Count == 0)
        {
            // Nobody applied this object or tracked it from the start; tracking begins with the first apply.
            return Strip(updated);
        }

        var after = Owners.AfterUpdate(live, updated, entries, context);
        var written = Write(updated, after);
        return KeepTimes(live, written, live is null || !Strip(live).Body.Equals(Strip(written).Body));
    }

    /// <summary>
    /// Makes one manager the applier of all that other managers own, so that fields which it stops applying are really removed. The client
    /// writes the result back with the object's resourceVersion before its first server-side apply.
    /// </summary>
    /// <param name="entries">The object's entries.</param>
    /// <param name="fromManagers">Whose fields are taken: those who applied on the client side (<c>kubectl-client-side-apply</c>) or by other tools.</param>
    /// <param name="toManager">Who takes them.</param>
    /// <returns>The new entries, or the same list when there was nothing to take.</returns>
    public static IReadOnlyList<ManagedEntry> TakeOver(IReadOnlyList<ManagedEntry> entries, IReadOnlySet<string> fromManagers, string toManager)
    {
        // Fields written through a subresource are a controller's, and stay with it.
        var taken = entries.Where(e => e.Subresource.Length == 0 && IsTaken(e)).ToList();
        if (taken.Count == 0)
        {
            return entries;
        }

        var own = entries.FirstOrDefault(e => e is { Operation: ManagedOperation.Apply, Subresource: "" } && e.Manager == toManager);
        var fields = taken.Aggregate(own?.Fields ?? FieldSet.Empty, (all, e) => all.Union(e.Fields))
            .Except(FieldSet.Of(FieldPath.Of("metadata", "annotations").Then(LastApplied.Annotation)));
        var version = own?.ApiVersion ?? taken[0].ApiVersion;
        var time = taken.Append(own ?? taken[0]).Max(e => e.Time);
        return [.. entries.Where(e => e != own && !taken.Contains(e)), new ManagedEntry(toManager, ManagedOperation.Apply, version, "", time, fields)];

        bool IsTaken(ManagedEntry e) => fromManagers.Contains(e.Manager) && !(e.Manager == toManager && e.Operation == ManagedOperation.Apply);
    }

    /// <summary>The object with the live object's entries when nothing but their times differs, so that a write without effect changes nothing.</summary>
    internal static KubernetesObject KeepTimes(KubernetesObject? live, KubernetesObject written, bool changed)
    {
        if (changed || live?.Metadata["managedFields"] is not YamlList before || written.Metadata["managedFields"] is not YamlList after
            || !WithoutTimes(before).Equals(WithoutTimes(after)))
        {
            return written;
        }

        return written.With(["metadata", "managedFields"], before);
    }

    private static IReadOnlyList<ManagedEntry> EntriesOf(KubernetesObject? live, KubernetesObject updated, string subresource)
    {
        if (subresource.Length == 0 && updated.Metadata["managedFields"] is YamlList list)
        {
            if (list.Count == 0 || list is [YamlMap { Count: 0 }])
            {
                return [];
            }

            if (ParseOrEmpty(updated) is { Count: > 0 } own)
            {
                return own;
            }
        }

        return ParseOrEmpty(live);
    }

    private static YamlList WithoutTimes(YamlList entries) => new(entries.Select(e => e is YamlMap map ? map.Without("time") : e));
}
