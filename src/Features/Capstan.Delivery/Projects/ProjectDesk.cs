using Capstan.Resources;

namespace Capstan.Delivery.Projects;

/// <summary>What people ask of projects beside their objects.</summary>
public static class ProjectDesk
{
    private static readonly string[] Own = ["capstan", "argocd"];

    /// <summary>Group, version and kind.</summary>
    public static GroupVersionKind Kind => AppProject.Kind;

    /// <summary>The namespaces in which projects count: the engine's own ones.</summary>
    public static IReadOnlyList<string> Namespaces(IReadOnlyList<string> applicationNamespaces) => [.. applicationNamespaces.Take(1).Concat(Own).Distinct()];

    /// <summary>What is wrong with a project, or not served; while there is something, none of its Applications is synced.</summary>
    public static IReadOnlyList<string> Problems(KubernetesObject project) => ProjectReader.Read(project).Problems;
}
