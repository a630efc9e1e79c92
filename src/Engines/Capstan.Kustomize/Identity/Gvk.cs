namespace Capstan.Kustomize.Identity;

/// <summary>Group, version and kind; as a selector, empty parts match anything.</summary>
internal readonly record struct Gvk(string Group, string Version, string Kind)
{
    private static readonly string[] First =
    [
        "Namespace", "ResourceQuota", "StorageClass", "CustomResourceDefinition", "ServiceAccount", "PodSecurityPolicy", "Role", "ClusterRole",
        "RoleBinding", "ClusterRoleBinding", "ConfigMap", "Secret", "Endpoints", "Service", "LimitRange", "PriorityClass", "PersistentVolume",
        "PersistentVolumeClaim", "Deployment", "StatefulSet", "CronJob", "PodDisruptionBudget",
    ];

    private static readonly string[] Last = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

    public static readonly Gvk Any = new("", "", "");

    /// <summary>The kinds that come first in the legacy order.</summary>
    public static IReadOnlyList<string> DefaultFirst => First;

    /// <summary>The kinds that come last in the legacy order.</summary>
    public static IReadOnlyList<string> DefaultLast => Last;

    public string ApiVersion => Group.Length > 0 ? $"{Group}/{Version}" : Version;

    public static Gvk From(string apiVersion, string kind) => apiVersion.IndexOf('/', StringComparison.Ordinal) is var slash and >= 0
        ? new Gvk(apiVersion[..slash], apiVersion[(slash + 1)..], kind)
        : new Gvk("", apiVersion, kind);

    /// <summary>Whether a selector, whose empty parts match anything, selects this.</summary>
    public bool IsSelectedBy(in Gvk selector) =>
        (selector.Group.Length == 0 || selector.Group == Group)
        && (selector.Version.Length == 0 || selector.Version == Version)
        && (selector.Kind.Length == 0 || selector.Kind == Kind);

    /// <summary>The order in which field specifications are applied.</summary>
    public static int CompareForFields(Gvk left, Gvk right)
    {
        var order = Rank(left.Kind).CompareTo(Rank(right.Kind));
        return order != 0 ? order : string.CompareOrdinal(left.SortText(), right.SortText());
    }

    /// <summary>The text by which kinds are sorted in the legacy order.</summary>
    public string SortText() => $"{Or(Group, "~G")}_{Or(Version, "~V")}_{Or(Kind, "~K")}";

    public override string ToString() => $"{Or(Kind, "[noKind]")}.{Or(Version, "[noVer]")}.{Or(Group, "[noGrp]")}";

    private static int Rank(string kind) => Array.IndexOf(First, kind) is var first and >= 0 ? first - First.Length : Array.IndexOf(Last, kind) + 1;

    private static string Or(string text, string otherwise) => text.Length > 0 ? text : otherwise;
}
