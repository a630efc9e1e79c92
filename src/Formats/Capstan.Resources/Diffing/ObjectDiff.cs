namespace Capstan.Resources;

/// <summary>
/// Compares a desired object with the live one. What a server filled in or another controller owns is no difference; what we applied and
/// do not desire any longer is one.
/// </summary>
public static class ObjectDiff
{
    /// <summary>The differences, sorted by path; none when the live object is as desired.</summary>
    public static IReadOnlyList<FieldDifference> Of(KubernetesObject desired, KubernetesObject live, DiffOptions options)
    {
        var owners = new FieldOwners(live, options);
        var last = options.CountLastApplied && LastApplied.Of(live) is { } applied ? Normalization.Normalize(new KubernetesObject(applied)) : null;
        var walk = new DiffWalk(owners, BuiltInSchemas.TryGet(options.Schema.Kind, out _));
        walk.Compare(Normalization.Normalize(desired, options.CountStatus), Normalization.Normalize(live, options.CountStatus), last, options.Schema.Root, FieldPath.Root);
        var isSecret = live.GroupKind == SecretMask.Kind;
        return [.. walk.Differences.Select(d => isSecret ? SecretMask.Hide(d) : d).OrderBy(d => d.Path, StringComparer.Ordinal)];
    }
}
