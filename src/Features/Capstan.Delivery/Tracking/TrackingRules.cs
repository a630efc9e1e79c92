using Capstan.Kubernetes;
using Capstan.Resources;

namespace Capstan.Delivery.Tracking;

/// <summary>By what objects are known to belong to an Application (Argo CD, user-guide/resource_tracking.md).</summary>
public enum TrackingMethod
{
    /// <summary>By the annotation that names Application and object.</summary>
    Annotation,

    /// <summary>By a label with the Application's name.</summary>
    Label,

    /// <summary>By the annotation; the label is written for people only.</summary>
    AnnotationAndLabel,
}

/// <summary>How objects are marked as an Application's, and how the mark is read.</summary>
/// <param name="Method">By what.</param>
/// <param name="LabelKey">The label.</param>
/// <param name="InstallationId">Tells several control planes of one cluster apart; empty for none.</param>
public sealed record TrackingRules(TrackingMethod Method = TrackingMethod.Annotation, string LabelKey = TrackingRules.DefaultLabelKey, string InstallationId = "")
{
    /// <summary>The label where none is named.</summary>
    public const string DefaultLabelKey = "app.kubernetes.io/instance";

    /// <summary>The annotation that names the control plane.</summary>
    public const string InstallationAnnotation = "argocd.argoproj.io/installation-id";

    /// <summary>What holds where nothing is said.</summary>
    public static readonly TrackingRules Default = new();

    private const int LongestLabel = 63;

    /// <summary>The labels and annotations that a cache has to have at hand.</summary>
    public IReadOnlyList<string> Marks => [TrackingId.Annotation, InstallationAnnotation, LabelKey];

    /// <summary>The Application that a live object belongs to; null for none.</summary>
    public string? InstanceOf(CachedObject live) => InstanceOf(live.Mark, live.Key, live.Owners.Count > 0);

    /// <summary>The Application that a live object belongs to; null for none.</summary>
    public string? InstanceOf(KubernetesObject live) => InstanceOf(
        key => live.Annotation(key) ?? live.Body.At("metadata", "labels", key)?.AsString(), live.Key, live.Metadata["ownerReferences"] is Yaml.YamlList { Count: > 0 });

    /// <summary>The object with the mark of its Application.</summary>
    /// <param name="object">The object.</param>
    /// <param name="instance">The Application.</param>
    /// <param name="destinationNamespace">What stands for the namespace of an object without one (Argo CD, controller/state.go).</param>
    public KubernetesObject Mark(KubernetesObject @object, string instance, string destinationNamespace)
    {
        if (Method != TrackingMethod.Label)
        {
            var key = @object.Namespace.Length > 0 ? @object.Key : @object.Key with { Namespace = destinationNamespace };
            @object = @object.WithAnnotation(TrackingId.Annotation, new TrackingId(instance, key).ToString());
            @object = InstallationId.Length > 0 ? @object.WithAnnotation(InstallationAnnotation, InstallationId) : @object;
        }

        // By label alone a name that is cut would be another Application's: the API server refuses it instead.
        return Method switch
        {
            TrackingMethod.Label => @object.With(["metadata", "labels", LabelKey], instance),
            TrackingMethod.AnnotationAndLabel => @object.With(["metadata", "labels", LabelKey], Cut(instance)),
            _ => @object,
        };
    }

    // Controllers copy labels onto what they make, so only what nobody owns is tracked by one.
    private string? InstanceOf(Func<string, string?> mark, ObjectKey key, bool isOwned)
    {
        if (Method == TrackingMethod.Label)
        {
            return !isOwned && mark(LabelKey) is { Length: > 0 } name ? name : null;
        }

        return TrackingId.Parse(mark(TrackingId.Annotation)) is { } id && id.Describes(key) && (mark(InstallationAnnotation) ?? "") == InstallationId ? id.Instance : null;
    }

    private static string Cut(string name)
    {
        var end = Math.Min(name.Length, LongestLabel);
        while (name.Length > LongestLabel && end > 0 && !char.IsAsciiLetterOrDigit(name[end - 1]))
        {
            end--;
        }

        return name[..end];
    }
}

/// <summary>The rules of now, for those that were made before they were known.</summary>
internal sealed class TrackingInUse
{
    private volatile TrackingRules _rules = TrackingRules.Default;

    public TrackingRules Rules
    {
        get => _rules;
        set => _rules = value;
    }
}
