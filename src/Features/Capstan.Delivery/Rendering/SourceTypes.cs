using Capstan.Delivery.Applications;
using Capstan.Trees;

namespace Capstan.Delivery.Rendering;

/// <summary>Which kind of source a folder is, in Argo CD's words and by its rules.</summary>
internal static class SourceTypes
{
    public const string Directory = "Directory";
    public const string Helm = "Helm";
    public const string Kustomize = "Kustomize";

    private static readonly string[] KustomizeFiles = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

    /// <summary>What the source says of itself, else what its files say: a kustomization beats a chart, and a chart plain manifests.</summary>
    public static string Of(ApplicationSource source, SourceTree tree, TreePath folder) => source switch
    {
        { Kustomize: not null } => Kustomize,
        { Helm: not null } or { Chart.Length: > 0 } => Helm,
        { Directory.IsExplicit: true } => Directory,
        _ when KustomizeFiles.Any(name => tree.Find(folder.Child(name)) is not null and not { Kind: TreeEntryKind.Folder }) => Kustomize,
        _ when tree.Find(folder.Child("Chart.yaml")) is not null and not { Kind: TreeEntryKind.Folder } => Helm,
        _ => Directory,
    };
}
