using BenchmarkDotNet.Attributes;
using Capstan.Delivery.Applications;
using Capstan.Delivery.Rendering;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Micro;

/// <summary>What the engine does for every commit and every event of a watch.</summary>
[MemoryDiagnoser]
public class Engine
{
    private static readonly GroupVersionKind Deployment = new("apps", "v1", "Deployment");

    private readonly MemoryTree _tree = MemoryTree.Of([.. Enumerable.Range(0, 5).Select(i => ($"app/{i}.yaml", Samples.Yaml.Replace("name: web", $"name: web-{i}", StringComparison.Ordinal)))]);
    private readonly ApplicationSource _source = new("https://example.com/shop.git", "app", "main", new DirectoryOptions(), YamlMap.Empty);
    private readonly RenderCache _renderings = new();
    private readonly ObjectScanner _scanner = new(new LiveCacheOptions { Marks = ["argocd.argoproj.io/tracking-id"] });

    [Benchmark]
    public object RenderFiveObjects() => _renderings.Render(_tree, _source, "0000000", hard: true);

    [Benchmark]
    public object RememberedRendering() => _renderings.Render(_tree, _source, "0000000");

    [Benchmark]
    public object ScanWatchEvent() => _scanner.Scan(Deployment, Samples.LiveJson);
}
