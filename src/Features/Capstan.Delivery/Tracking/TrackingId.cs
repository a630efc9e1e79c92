using Capstan.Delivery.Applications;
using Capstan.Resources;

namespace Capstan.Delivery.Tracking;

/// <summary>
/// Which Application an object belongs to, as Argo CD writes it into the annotation: <c>app:group/Kind:namespace/name</c>
/// (Argo CD, util/argo/resource_tracking.go).
/// </summary>
/// <param name="Instance">The Application: its name, or <c>namespace_name</c> outside the control namespace.</param>
/// <param name="Object">The object that the annotation describes.</param>
public sealed record TrackingId(string Instance, ObjectKey Object)
{
    /// <summary>The annotation that carries it.</summary>
    public const string Annotation = "argocd.argoproj.io/tracking-id";

    /// <summary>The name that objects are tracked by.</summary>
    /// <param name="application">The Application.</param>
    /// <param name="controlNamespaces">The namespaces in which Applications go by their bare name.</param>
    public static string InstanceName(ApplicationKey application, IReadOnlySet<string> controlNamespaces) =>
        controlNamespaces.Contains(application.Namespace) ? application.Name : $"{application.Namespace}_{application.Name}";

    /// <summary>Reads the annotation's value; null when it is none, and then the object is not tracked.</summary>
    public static TrackingId? Parse(string? text)
    {
        if (text is null)
        {
            return null;
        }

        // Split on the first two colons only, and exactly one slash in each of the later parts.
        var parts = text.Split(':', 3);
        if (parts.Length != 3 || parts[0].Length == 0)
        {
            return null;
        }

        var kind = parts[1].Split('/');
        var name = parts[2].Split('/');
        return kind.Length == 2 && name.Length == 2 && kind[1].Length > 0 && name[1].Length > 0
            ? new TrackingId(parts[0], new ObjectKey(new GroupKind(kind[0], kind[1]), name[0], name[1]))
            : null;
    }

    /// <summary>The tracking of an object as it carries it; null when it carries none or it describes another object.</summary>
    public static TrackingId? Of(KubernetesObject live) =>
        Parse(live.Annotation(Annotation)) is { } id && id.Describes(live.Key) ? id : null;

    /// <summary>
    /// Whether this describes the object that carries it: a copied annotation does not. For cluster-scoped objects the namespace does not
    /// count, since the Application's destination namespace is written there.
    /// </summary>
    public bool Describes(ObjectKey carrier) =>
        Object.GroupKind == carrier.GroupKind && Object.Name == carrier.Name && (carrier.Namespace.Length == 0 || Object.Namespace == carrier.Namespace);

    /// <summary>The annotation's value.</summary>
    public override string ToString() => $"{Instance}:{Object.GroupKind.Group}/{Object.GroupKind.Kind}:{Object.Namespace}/{Object.Name}";
}
