using Capstan.Delivery.Applications;
using Capstan.Delivery.ApplicationSets.Rollout;
using Capstan.Delivery.Comparing.Ignoring;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets;

/// <summary>What the controller may do to the Applications of a set (Argo CD, Controlling-Resource-Modification.md).</summary>
/// <param name="Updates">Whether it changes those that are there.</param>
/// <param name="Deletes">Whether it deletes those that are not generated any more.</param>
internal readonly record struct SetPolicy(bool Updates, bool Deletes)
{
    public static readonly SetPolicy Sync = new(true, true);

    /// <summary>The policy of a name; null when there is none of it.</summary>
    public static SetPolicy? Parse(string name) => name switch
    {
        "" or "sync" => Sync,
        "create-only" => new SetPolicy(false, false),
        "create-update" => new SetPolicy(true, false),
        "create-delete" => new SetPolicy(false, true),
        _ => null,
    };
}

/// <summary>One ApplicationSet as its author wrote it. What is wrong or not served is in <see cref="Problems"/>; while there is something, it makes nothing.</summary>
/// <param name="Object">The object that was read.</param>
/// <param name="Generators">The generators, not looked into yet: what they hold may be made of parameters.</param>
/// <param name="Template">What each Application is made of: <c>metadata</c> and <c>spec</c>.</param>
/// <param name="Problems">Everything that is wrong.</param>
internal sealed record ApplicationSet(KubernetesObject Object, IReadOnlyList<YamlMap> Generators, YamlMap Template, IReadOnlyList<string> Problems)
{
    /// <summary>Group and kind.</summary>
    public static readonly GroupVersionKind Kind = new("argoproj.io", "v1alpha1", "ApplicationSet");

    /// <summary>The finalizer that keeps a set until the controller let its Applications go.</summary>
    public const string Finalizer = Application.ForegroundFinalizer;

    /// <summary>The annotation that asks for a new generation; removed when it is done.</summary>
    public const string RefreshAnnotation = "argocd.argoproj.io/application-set-refresh";

    /// <summary>The annotation by which a person agrees that Applications are deleted in mass: the time, not before that of the hold.</summary>
    public const string ApprovalAnnotation = "capstan.dev/deletions-approved";

    /// <summary>The annotation that says a set may well become empty (<c>true</c>), as sets of pull requests do; then nothing is held.</summary>
    public const string MayEmptyAnnotation = "capstan.dev/allow-empty";

    /// <summary>Which set.</summary>
    public ApplicationKey Key => new(Object.Namespace, Object.Name);

    /// <summary>Whether texts are Go templates.</summary>
    public bool GoTemplate { get; init; }

    /// <summary>Options of the templates.</summary>
    public IReadOnlyList<string> GoTemplateOptions { get; init; } = [];

    /// <summary>A patch for each Application; empty when there is none.</summary>
    public string TemplatePatch { get; init; } = "";

    /// <summary>What the controller may do.</summary>
    public SetPolicy Policy { get; init; } = SetPolicy.Sync;

    /// <summary>Whether the objects of Applications stay when those go.</summary>
    public bool PreservesResources { get; init; }

    /// <summary>Annotations of Applications that are somebody else's.</summary>
    public IReadOnlyList<string> PreservedAnnotations { get; init; } = [];

    /// <summary>Labels of Applications that are somebody else's.</summary>
    public IReadOnlyList<string> PreservedLabels { get; init; } = [];

    /// <summary>What does not count between generated and live Applications.</summary>
    public IgnoredDifferences Ignored { get; init; } = IgnoredDifferences.None;

    /// <summary>The order of a change; null when all Applications change at once.</summary>
    public RollingSync? Rolling { get; init; }

    /// <summary>Whether Applications are deleted from the last step to the first.</summary>
    public bool DeletesInReverse { get; init; }

    /// <summary>Whether a person agreed to a mass deletion at or after a moment.</summary>
    public bool IsApproved(DateTimeOffset since) => StatusReader.Time(Object.Annotation(ApprovalAnnotation) is { } text ? (YamlNode)text : null) is { } at && at >= since;
}

/// <summary>A set cannot make its Applications.</summary>
/// <param name="message">What, where and why.</param>
/// <param name="reason">One of <see cref="SetConditions"/>' reasons.</param>
/// <param name="isTransient">Whether it may go away by itself.</param>
/// <param name="inner">The cause, if any.</param>
internal sealed class SetException(string message, string reason = SetConditions.ParametersNotGenerated, bool isTransient = false, Exception? inner = null) : Exception(message, inner)
{
    public string Reason { get; } = reason;

    public bool IsTransient { get; } = isTransient;
}
