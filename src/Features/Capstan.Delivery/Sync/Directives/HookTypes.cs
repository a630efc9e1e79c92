using Capstan.Resources;

namespace Capstan.Delivery.Sync.Directives;

/// <summary>When a hook runs; one object may be several.</summary>
[Flags]
public enum HookTypes
{
    /// <summary>Never.</summary>
    None = 0,

    /// <summary>Before anything else of a sync.</summary>
    PreSync = 1,

    /// <summary>Together with the objects of the sync.</summary>
    Sync = 2,

    /// <summary>When everything was applied and is healthy.</summary>
    PostSync = 4,

    /// <summary>When a sync failed.</summary>
    SyncFail = 8,

    /// <summary>Before the objects of a deleted Application go.</summary>
    PreDelete = 16,

    /// <summary>When they are gone.</summary>
    PostDelete = 32,

    /// <summary>Not at all; counts only where no other type is named.</summary>
    Skip = 64,
}

/// <summary>When the object of a hook is deleted.</summary>
[Flags]
public enum HookDeletion
{
    /// <summary>Never.</summary>
    None = 0,

    /// <summary>Before the hook runs again; what counts when nothing is said.</summary>
    BeforeHookCreation = 1,

    /// <summary>When the sync succeeded.</summary>
    HookSucceeded = 2,

    /// <summary>When the hook failed.</summary>
    HookFailed = 4,
}

/// <summary>
/// Reads what an object says of being a hook, in Argo CD's words and in Helm's (gitops-engine, pkg/sync/hook and pkg/sync/hook/helm): Helm's
/// types count for an object that names no valid type of Argo CD's; delete policies of both are united.
/// </summary>
internal static class HookAnnotations
{
    public const string Hook = "argocd.argoproj.io/hook";
    public const string DeletePolicy = "argocd.argoproj.io/hook-delete-policy";
    public const string HelmHook = "helm.sh/hook";
    public const string HelmDeletePolicy = "helm.sh/hook-delete-policy";
    public const string HelmWeight = "helm.sh/hook-weight";

    private static readonly Dictionary<string, HookTypes> Types = new(StringComparer.Ordinal)
    {
        ["PreSync"] = HookTypes.PreSync,
        ["Sync"] = HookTypes.Sync,
        ["PostSync"] = HookTypes.PostSync,
        ["SyncFail"] = HookTypes.SyncFail,
        ["PreDelete"] = HookTypes.PreDelete,
        ["PostDelete"] = HookTypes.PostDelete,
        ["Skip"] = HookTypes.Skip,
    };

    // There is no install as opposed to an upgrade: both run on every sync. Tests and rollbacks never run.
    private static readonly Dictionary<string, HookTypes> HelmTypes = new(StringComparer.Ordinal)
    {
        ["pre-install"] = HookTypes.PreSync,
        ["pre-upgrade"] = HookTypes.PreSync,
        ["post-install"] = HookTypes.PostSync,
        ["post-upgrade"] = HookTypes.PostSync,
        ["pre-delete"] = HookTypes.PreDelete,
        ["post-delete"] = HookTypes.PostDelete,
        ["pre-rollback"] = HookTypes.None,
        ["post-rollback"] = HookTypes.None,
        ["test"] = HookTypes.None,
        ["test-success"] = HookTypes.None,
        ["test-failure"] = HookTypes.None,
        ["crd-install"] = HookTypes.None,
    };

    private static readonly Dictionary<string, HookDeletion> Deletions = new(StringComparer.Ordinal)
    {
        ["BeforeHookCreation"] = HookDeletion.BeforeHookCreation,
        ["HookSucceeded"] = HookDeletion.HookSucceeded,
        ["HookFailed"] = HookDeletion.HookFailed,
    };

    private static readonly Dictionary<string, HookDeletion> HelmDeletions = new(StringComparer.Ordinal)
    {
        ["before-hook-creation"] = HookDeletion.BeforeHookCreation,
        ["hook-succeeded"] = HookDeletion.HookSucceeded,
        ["hook-failed"] = HookDeletion.HookFailed,
    };

    /// <summary>Whether the object is a hook, and so never applied as a plain object; a <c>crd-install</c> of Helm's is a plain one.</summary>
    public static bool IsHook(KubernetesObject @object) =>
        @object.Annotation(Hook) is not null || (@object.Annotation(HelmHook) is { } helm && helm.Trim() != "crd-install");

    /// <summary>Whether it is only one of Helm's tests or rollback hooks, which are no part of a delivery.</summary>
    public static bool NeverRuns(KubernetesObject @object) =>
        @object.Annotation(Hook) is null && @object.Annotation(HelmHook) is { } helm && helm.Trim() != "crd-install"
        && helm.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } words
        && words.All(w => HelmTypes.TryGetValue(w, out var type) && type == HookTypes.None);

    /// <summary>When it runs.</summary>
    public static HookTypes TypesOf(KubernetesObject @object, ICollection<string> warnings)
    {
        var types = Words(@object, Hook, Types, warnings).Aggregate(HookTypes.None, (all, type) => all | type);
        types = types == HookTypes.None ? Words(@object, HelmHook, HelmTypes, warnings).Aggregate(HookTypes.None, (all, type) => all | type) : types;
        return types == HookTypes.Skip ? HookTypes.None : types & ~HookTypes.Skip;
    }

    /// <summary>When its object is deleted.</summary>
    public static HookDeletion DeletionOf(KubernetesObject @object, ICollection<string> warnings)
    {
        var policies = Words(@object, DeletePolicy, Deletions, warnings).Concat(Words(@object, HelmDeletePolicy, HelmDeletions, warnings))
            .Aggregate(HookDeletion.None, (all, policy) => all | policy);
        return policies == HookDeletion.None ? HookDeletion.BeforeHookCreation : policies;
    }

    private static List<T> Words<T>(KubernetesObject @object, string annotation, Dictionary<string, T> known, ICollection<string> warnings)
    {
        var read = new List<T>();
        foreach (var word in (@object.Annotation(annotation) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (known.TryGetValue(word, out var value))
            {
                read.Add(value);
            }
            else
            {
                warnings.Add($"annotation {annotation}: \"{ObjectDirectives.Cut(word)}\" is not one of {string.Join(", ", known.Keys)}; it is left out");
            }
        }

        return read;
    }
}
