namespace Capstan.Resources;

/// <summary>What came of a server-side apply.</summary>
public abstract record ApplyOutcome
{
    private ApplyOutcome()
    {
    }

    /// <summary>The object as it is to be stored.</summary>
    /// <param name="Object">The new object with its managed fields.</param>
    /// <param name="Changed">Whether it differs from the live one, managed fields counted.</param>
    public sealed record Applied(KubernetesObject Object, bool Changed) : ApplyOutcome;

    /// <summary>Other managers own fields that would change (HTTP 409).</summary>
    /// <param name="Conflicts">All of them, sorted by manager and path.</param>
    public sealed record Conflicted(IReadOnlyList<ApplyConflict> Conflicts) : ApplyOutcome
    {
        /// <summary>The message, in Kubernetes' words.</summary>
        public string Message => ApplyConflict.Describe(Conflicts);
    }

    /// <summary>The configuration is invalid (HTTP 400, or 422 and 500 from older servers).</summary>
    /// <param name="Problems">Everything that is wrong.</param>
    public sealed record Refused(IReadOnlyList<string> Problems) : ApplyOutcome;
}

/// <summary>A field that another manager owns.</summary>
/// <param name="Owner">The entry of the owner.</param>
/// <param name="Path">The field.</param>
public sealed record ApplyConflict(ManagedEntry Owner, FieldPath Path)
{
    /// <summary><c>conflict with "kubectl" using apps/v1</c>: the message of one cause in the API server's status.</summary>
    public string CauseMessage => $"conflict with {Owner.Describe()}";

    /// <summary><c>conflict with "kubectl" using apps/v1: .spec.replicas</c>.</summary>
    public override string ToString() => $"{CauseMessage}: {Path}";

    internal static string Describe(IReadOnlyList<ApplyConflict> conflicts)
    {
        if (conflicts.Count == 1)
        {
            return $"Apply failed with 1 conflict: {conflicts[0]}";
        }

        var lines = conflicts.GroupBy(c => c.Owner.Describe()).OrderBy(g => g.Key, StringComparer.Ordinal)
            .SelectMany(g => g.Select(c => $"- {c.Path}").Prepend($"conflicts with {g.Key}:"));
        return $"Apply failed with {conflicts.Count} conflicts: {string.Join('\n', lines)}";
    }
}
