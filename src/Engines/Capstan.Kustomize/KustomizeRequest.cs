using Capstan.Trees;

namespace Capstan.Kustomize;

/// <summary>Which files a kustomization may read.</summary>
public enum LoadRestriction
{
    /// <summary>Files of its own folder and below. Bases may lie anywhere in the tree.</summary>
    OwnFolder,

    /// <summary>Any file of the tree. For the operator's own choice; never taken from a repository.</summary>
    WholeTree,
}

/// <summary>How much a build may read.</summary>
public sealed record KustomizeLimits
{
    /// <summary>The limits for repositories of others.</summary>
    public static readonly KustomizeLimits Default = new();

    /// <summary>Kustomizations that refer to one another. 200.</summary>
    public int MaxDepth { get; init; } = 200;

    /// <summary>Kustomizations of one build, each counted as often as it is used. 20,000.</summary>
    public int MaxKustomizations { get; init; } = 20_000;

    /// <summary>Resources read in one build. 250,000.</summary>
    public int MaxResources { get; init; } = 250_000;

    /// <summary>Bytes of one file. 32 MiB.</summary>
    public int MaxFileBytes { get; init; } = 32 * 1024 * 1024;
}

/// <summary>What to build, and what the build may do.</summary>
/// <param name="Tree">The tree of files; nothing outside of it is reached.</param>
/// <param name="Path">The folder of the kustomization.</param>
public sealed record KustomizeRequest(SourceTree Tree, TreePath Path)
{
    /// <summary>Which files a kustomization may read.</summary>
    public LoadRestriction LoadRestriction { get; init; }

    /// <summary>How much the build may read.</summary>
    public KustomizeLimits Limits { get; init; } = KustomizeLimits.Default;

    /// <summary>Serves remote bases; null refuses them.</summary>
    public IRemoteBases? RemoteBases { get; init; }

    /// <summary>Renders <c>helmCharts</c>; null refuses them.</summary>
    public IChartInflator? Charts { get; init; }

    /// <summary>What is changed in the kustomization before it is built, as if <c>kustomize edit</c> had been called; null for nothing.</summary>
    public KustomizeEdits? Edits { get; init; }

    /// <summary>The text that stands for the file of a folder that has no kustomization; null where the folder has one.</summary>
    public string? Kustomization { get; init; }

    /// <summary>Whether the result tells what set each field. Costs nothing when it is not asked for.</summary>
    public bool SourceMap { get; init; }
}
