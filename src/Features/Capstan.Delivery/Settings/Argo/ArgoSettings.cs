using Capstan.Delivery.Comparing.Ignoring;
using Capstan.Delivery.Tracking;
using Capstan.Resources;

namespace Capstan.Delivery.Settings.Argo;

/// <summary>What Argo CD's ConfigMap <c>argocd-cm</c> says of the engine's work.</summary>
internal sealed record ArgoSettings
{
    /// <summary>Nothing is said.</summary>
    public static readonly ArgoSettings Default = new();

    /// <summary>By what objects are tracked: <c>application.resourceTrackingMethod</c>, <c>application.instanceLabelKey</c>, <c>installationID</c>.</summary>
    public TrackingRules Tracking { get; init; } = TrackingRules.Default;

    /// <summary>Which kinds are looked at: <c>resource.inclusions</c>, <c>resource.exclusions</c>.</summary>
    public KindFilter Kinds { get; init; } = KindFilter.All;

    /// <summary>What is said of kinds: <c>resource.customizations</c>.</summary>
    public IReadOnlyList<KindCustomization> Customizations { get; init; } = [];

    /// <summary>Whether <c>ignoreResourceUpdates</c> count: <c>resource.ignoreResourceUpdatesEnabled</c>.</summary>
    public bool IgnoresUpdates { get; init; } = true;

    /// <summary>Of which kinds <c>status</c> counts in comparisons: <c>resource.compareoptions</c>, <c>ignoreResourceStatusField</c>.</summary>
    public StatusComparison Status { get; init; }

    /// <summary>Whether every project has to name a service account to act as: <c>application.sync.impersonation.enabled</c>.</summary>
    public bool RequiresImpersonation { get; init; }

    /// <summary>What is wrong. Those that decide over which objects belong to whom stop everything; the others are passed over with a warning.</summary>
    public IReadOnlyList<string> Errors { get; init; } = [];

    /// <summary>What was not understood and is passed over.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>What does not count in comparisons by the customizations of kinds.</summary>
    public IReadOnlyList<IgnoreRule> Ignored => [.. Customizations.Select(c => c.Ignored).OfType<IgnoreRule>()];

    /// <summary>The health script of a kind, and whether it may use Lua's libraries; null for none. One that names the kind beats a pattern.</summary>
    public (string Script, bool OpenLibraries)? HealthScript(GroupKind kind) => Best(kind, c => c.HealthScript.Length > 0) is { } found ? (found.HealthScript, found.UsesOpenLibraries) : null;

    /// <summary>The actions of a kind; null for none.</summary>
    public (ScriptedActions Actions, bool OpenLibraries)? ActionsOf(GroupKind kind) => Best(kind, c => c.Actions is not null) is { } found ? (found.Actions!, found.UsesOpenLibraries) : null;

    /// <summary>The fields of a kind that hold known types.</summary>
    public IEnumerable<KnownTypeField> KnownTypes(GroupKind kind) => Customizations.Where(c => c.KnownTypes.Count > 0 && c.Concerns(kind)).SelectMany(c => c.KnownTypes);

    /// <summary>Whether a change of an object is no reason to look again.</summary>
    public bool IsNoNews(KubernetesObject before, KubernetesObject now)
    {
        var rules = IgnoresUpdates ? Customizations.Select(c => c.IgnoredUpdates).OfType<IgnoreRule>().Where(r => r.Concerns(now.Key)).ToList() : [];
        if (rules.Count == 0)
        {
            return false;
        }

        var (left, right) = new IgnoredDifferences(rules).Strip(Bare(before), Bare(now));
        return left.Body.Equals(right.Body);
    }

    /// <summary>Whether any update of a kind could be no news, which spares reading it.</summary>
    public bool MayIgnoreUpdates(GroupKind kind) => IgnoresUpdates && Customizations.Any(c => c.IgnoredUpdates is not null && c.Concerns(kind));

    private static KubernetesObject Bare(KubernetesObject @object) => ManagedFields.Strip(@object).Without("metadata", "resourceVersion").Without("metadata", "generation");

    private KindCustomization? Best(GroupKind kind, Func<KindCustomization, bool> says) =>
        Customizations.Where(c => says(c) && c.Concerns(kind)).OrderBy(c => c.Kinds == KindCustomization.Name(kind) ? 0 : 1).FirstOrDefault();
}

/// <summary>Of which objects <c>status</c> counts in comparisons.</summary>
internal enum StatusComparison
{
    /// <summary>Of none (Argo CD's <c>all</c>, its default).</summary>
    OfNone,

    /// <summary>Of all but CustomResourceDefinitions (<c>crd</c>).</summary>
    OfAllButDefinitions,

    /// <summary>Of all (<c>none</c>, <c>off</c>).</summary>
    OfAll,
}
