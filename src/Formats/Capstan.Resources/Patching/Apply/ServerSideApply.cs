using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>
/// Server-side apply: merges a configuration into the live object, removes what the same manager applied before and nobody else owns, and
/// keeps the managed fields. Follows structured-merge-diff.
/// </summary>
public static class ServerSideApply
{
    /// <summary>Applies a configuration.</summary>
    /// <param name="live">The live object; null when there is none.</param>
    /// <param name="config">What is applied; it must not carry managed fields.</param>
    /// <param name="context">Who applies.</param>
    /// <param name="force">Whether fields are taken from other managers instead of conflicting.</param>
    public static ApplyOutcome Apply(KubernetesObject? live, KubernetesObject config, WriteContext context, bool force)
    {
        if (config.Metadata["managedFields"] is { IsNull: false })
        {
            return new ApplyOutcome.Refused(["metadata.managedFields must be nil"]);
        }

        if (config.ApiVersion != context.Schema.Kind.ApiVersion)
        {
            return new ApplyOutcome.Refused(
                [$"Incorrect version specified in apply patch. Specified patch version: {config.ApiVersion}, expected: {context.Schema.Kind.ApiVersion}"]);
        }

        var problems = TypedCheck.Problems(config.Body, context.Schema.Root);
        return problems.Count > 0 ? new ApplyOutcome.Refused(problems) : ApplyChecked(live, config, context, force);
    }

    private static ApplyOutcome ApplyChecked(KubernetesObject? live, KubernetesObject config, WriteContext context, bool force)
    {
        var schema = context.Schema.Root;
        var before = live is null
            ? YamlMap.Of(("apiVersion", config.ApiVersion), ("kind", config.Kind))
            : Nulls.Drop(ManagedFields.Strip(live).Body, schema);
        var entries = Entries(live, context);

        var own = context.Entry(ManagedOperation.Apply, FieldSet.From(config.Body, schema).ExceptBeneath(context.Reset));
        var last = entries.FirstOrDefault(own.IsSameOwner);
        var others = entries.Where(e => e != last).ToList();
        var merged = TypedMerge.Merge(before, config.Body, schema) as YamlMap ?? YamlMap.Empty;
        var pruned = Prune(merged, last?.Fields ?? FieldSet.Empty, [.. others, own], schema);

        var comparison = TypedComparison.Of(before, pruned, schema).Without(context.Reset);
        var conflicts = Conflicts(others, comparison.Changed);
        if (conflicts.Count > 0 && !force)
        {
            return new ApplyOutcome.Conflicted(conflicts);
        }

        var after = Owners.TakeFrom(others, _ => comparison);
        var owned = own.Fields.Except(ManagedFields.NeverOwned);
        pruned = Nulls.Drop(pruned, schema);
        var changed = !before.Equals(pruned);
        if (!owned.IsEmpty)
        {
            after.Add(own with { Fields = owned, Time = changed ? context.Now : last?.Time ?? context.Now });
        }

        return Outcome(live, new KubernetesObject(pruned), after, changed);
    }

    private static ApplyOutcome.Applied Outcome(
        KubernetesObject? live, KubernetesObject pruned, List<ManagedEntry> after, bool changed)
    {
        var written = ManagedFields.KeepTimes(live, ManagedFields.Write(pruned, after), changed);
        var differs = live is null || changed || !Equals(written.Metadata["managedFields"], live.Metadata["managedFields"]);
        return new ApplyOutcome.Applied(differs ? written : live!, differs);
    }

    // An object that nobody tracked belongs to before-first-apply.
    private static IReadOnlyList<ManagedEntry> Entries(KubernetesObject? live, WriteContext context)
    {
        var entries = ManagedFields.ParseOrEmpty(live);
        return live is null || entries.Count > 0
            ? entries
            : Owners.AfterUpdate(null, live, [], context with { Manager = ManagedFields.BeforeFirstApply });
    }

    private static List<ApplyConflict> Conflicts(IEnumerable<ManagedEntry> others, FieldSet changed) =>
        [.. others.OrderBy(e => e.Manager, StringComparer.Ordinal).SelectMany(e => e.Fields.Intersect(changed).Paths().Select(p => new ApplyConflict(e, p)))];

    // What the manager applied last and does not apply now goes, unless another manager owns it or something beneath it.
    private static YamlMap Prune(YamlMap merged, FieldSet last, IReadOnlyList<ManagedEntry> owners, SchemaNode schema)
    {
        if (last.IsEmpty)
        {
            return merged;
        }

        var mergedSet = Named(FieldSet.From(merged, schema), schema);
        var pruned = Remove(merged, Named(last, schema), schema);

        var owned = Named(owners.Aggregate(FieldSet.Empty, (all, e) => all.Union(e.Fields)), schema);
        var prunedSet = Named(FieldSet.From(pruned, schema), schema);
        pruned = Remove(merged, mergedSet.Except(prunedSet.Union(owned)), schema);

        // Fields that were not applied last time are nobody's to remove, also where what held them goes.
        prunedSet = Named(FieldSet.From(pruned, schema), schema);
        return Remove(merged, mergedSet.Except(prunedSet).Intersect(Named(last, schema)), schema);
    }

    private static FieldSet Named(FieldSet set, SchemaNode schema) => FieldSetAlgebra.WithNamedFields(set, schema);

    private static YamlMap Remove(YamlMap node, FieldSet gone, SchemaNode schema) => TypedRemoval.Remove(node, gone, schema) as YamlMap ?? YamlMap.Empty;
}
