using Capstan.Yaml;

namespace Capstan.Delivery.Applications;

/// <summary>Where manifests of an Application come from: one folder of one repository at one revision.</summary>
/// <param name="RepoUrl">The repository, as written.</param>
/// <param name="Path">The folder; empty and <c>.</c> are the root.</param>
/// <param name="TargetRevision">Branch, tag, commit or semver range, as written; empty means <c>HEAD</c>.</param>
/// <param name="Directory">How plain manifests are found.</param>
/// <param name="Body">The source as written, which status repeats.</param>
public sealed record ApplicationSource(string RepoUrl, string Path, string TargetRevision, DirectoryOptions Directory, YamlMap Body)
{
    /// <summary>The chart's name, when the repository holds charts; empty otherwise.</summary>
    public string Chart { get; init; } = "";

    /// <summary>The name by which <c>$NAME/…</c> in value files of other sources means this repository; empty for none.</summary>
    public string Ref { get; init; } = "";

    /// <summary>What people call it among several; empty for none.</summary>
    public string Name { get; init; } = "";

    /// <summary>Where it stands in the Application, for messages: <c>spec.source</c>, <c>spec.sources[1]</c>.</summary>
    public string Field { get; init; } = "spec.source";

    /// <summary>Whether it only lends files to other sources and renders nothing itself.</summary>
    public bool IsReferenceOnly => Ref.Length > 0 && Path.Length == 0 && Chart.Length == 0;

    /// <summary><c>helm</c> as written; null when the source does not say it.</summary>
    public YamlMap? Helm { get; init; }

    /// <summary><c>kustomize</c> as written; null when the source does not say it.</summary>
    public YamlMap? Kustomize { get; init; }
}

/// <summary>Which files of a folder are manifests.</summary>
/// <param name="Recurse">Whether folders inside count too.</param>
/// <param name="Include">A glob that a file's path relative to the folder must match; empty for all.</param>
/// <param name="Exclude">A glob of paths left out; empty for none. It beats <paramref name="Include"/>.</param>
/// <param name="IsExplicit">Whether the source says <c>directory</c>, so that nothing is detected.</param>
public sealed record DirectoryOptions(bool Recurse = false, string Include = "", string Exclude = "", bool IsExplicit = false);

/// <summary>Where an Application's objects go.</summary>
/// <param name="Server">The address of the API server; empty when <paramref name="Name"/> says it.</param>
/// <param name="Name">The registered name of the cluster; empty when <paramref name="Server"/> says it.</param>
/// <param name="Namespace">The namespace of objects that name none; may be empty.</param>
public sealed record ApplicationDestination(string Server, string Name, string Namespace)
{
    /// <summary>The cluster in which the engine itself runs.</summary>
    public const string InCluster = "https://kubernetes.default.svc";

    /// <summary>Whether this is the engine's own cluster.</summary>
    public bool IsOwnCluster => Server.TrimEnd('/') == InCluster || (Server.Length == 0 && Name == "in-cluster");

    /// <summary>Name or address, for messages.</summary>
    public override string ToString() => Name.Length > 0 ? Name : Server;
}
