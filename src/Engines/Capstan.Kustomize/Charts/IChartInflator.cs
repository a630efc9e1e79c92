using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Kustomize;

/// <summary>Turns the charts of <c>helmCharts</c> into manifests; the program binds it to its Helm engine.</summary>
public interface IChartInflator
{
    /// <summary>Renders a chart.</summary>
    /// <param name="inflation">The chart and how to render it.</param>
    /// <returns>The manifests as YAML text.</returns>
    /// <exception cref="KustomizeException">The chart is not there, not allowed, or cannot be rendered.</exception>
    string Inflate(ChartInflation inflation);
}

/// <summary>One entry of <c>helmCharts</c>, with what <c>helmGlobals</c> says.</summary>
/// <param name="Tree">The tree that the kustomization is in.</param>
/// <param name="Folder">The kustomization's folder, to which paths are relative.</param>
/// <param name="Chart">The entry as it was written: <c>name</c>, <c>repo</c>, <c>version</c>, <c>releaseName</c>, <c>valuesFile</c> …</param>
/// <param name="Globals"><c>helmGlobals</c> as it was written; empty when absent.</param>
public sealed record ChartInflation(SourceTree Tree, TreePath Folder, YamlMap Chart, YamlMap Globals);
