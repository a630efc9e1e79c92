using System.Security.Cryptography;
using System.Text;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.ApplySets;

/// <summary>
/// A set of objects that were applied together, remembered in the cluster itself (KEP-3659): a Secret as the parent, and a label on
/// every member.
/// </summary>
/// <param name="Name">The name of the set and of its parent.</param>
/// <param name="Namespace">The parent's namespace.</param>
public sealed record ApplySet(string Name, string Namespace)
{
    /// <summary>The parent's label: the set's id.</summary>
    public const string IdLabel = "applyset.kubernetes.io/id";

    /// <summary>The members' label: the id of the set they are part of.</summary>
    public const string PartOfLabel = "applyset.kubernetes.io/part-of";

    /// <summary>The parent's annotation: which tool owns the set. Others refuse to touch it.</summary>
    public const string ToolingAnnotation = "applyset.kubernetes.io/tooling";

    /// <summary>The parent's annotation: the kinds of the members.</summary>
    public const string KindsAnnotation = "applyset.kubernetes.io/contains-group-kinds";

    /// <summary>The parent's annotation: namespaces of members beside the parent's own.</summary>
    public const string NamespacesAnnotation = "applyset.kubernetes.io/additional-namespaces";

    /// <summary>What we write as the tool.</summary>
    public const string Tooling = "capstan/v0.1";

    /// <summary>The id: <c>applyset-</c>, the hash of what names the parent, <c>-v1</c>.</summary>
    public string Id
    {
        get
        {
            var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{Name}.{Namespace}.Secret."));
            return $"applyset-{Convert.ToBase64String(hash).TrimEnd('=').Replace('+', '-').Replace('/', '_')}-v1";
        }
    }

    /// <summary>Which object the parent is.</summary>
    public ObjectKey ParentKey => new(new GroupKind("", "Secret"), Namespace, Name);

    /// <summary>An object as a member.</summary>
    public KubernetesObject Mark(KubernetesObject member) => member.WithLabel(PartOfLabel, Id);

    /// <summary>The parent for members of these kinds and namespaces.</summary>
    public KubernetesObject Parent(IEnumerable<GroupKind> kinds, IEnumerable<string> namespaces) => new(YamlMap.Of(
        ("apiVersion", "v1"), ("kind", "Secret"),
        ("metadata", YamlMap.Of(
            ("name", Name), ("namespace", Namespace), ("labels", YamlMap.Of((IdLabel, Id))),
            ("annotations", YamlMap.Of(
                (ToolingAnnotation, Tooling),
                (KindsAnnotation, string.Join(',', kinds.Select(k => k.ToString()).Distinct().Order(StringComparer.Ordinal))),
                (NamespacesAnnotation, string.Join(',', namespaces.Where(n => n.Length > 0 && n != Namespace).Distinct().Order(StringComparer.Ordinal)))))))));

    /// <summary>Why a Secret of this name cannot be our parent; null when it can.</summary>
    public string? Refusal(KubernetesObject parent)
    {
        var tool = parent.Annotation(ToolingAnnotation);
        if (parent.Label(IdLabel) is not { } id)
        {
            return $"{parent.Key} is there already and is no ApplySet; choose another --name";
        }

        if (tool is null || !tool.StartsWith("capstan/", StringComparison.Ordinal))
        {
            return $"{parent.Key} is an ApplySet of {tool ?? "an unknown tool"}; choose another --name, or delete it with that tool";
        }

        return id == Id ? null : $"{parent.Key} carries the id {id}, which is not its own ({Id}); it was copied or changed";
    }

    /// <summary>The kinds that a parent names.</summary>
    public static IReadOnlyList<GroupKind> KindsOf(KubernetesObject parent) =>
        [.. Items(parent.Annotation(KindsAnnotation)).Select(k => k.Split('.', 2)).Select(p => new GroupKind(p.Length > 1 ? p[1] : "", p[0]))];

    /// <summary>The namespaces that a parent names, its own included.</summary>
    public static IReadOnlyList<string> NamespacesOf(KubernetesObject parent) => [parent.Namespace, .. Items(parent.Annotation(NamespacesAnnotation))];

    private static string[] Items(string? text) => (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
