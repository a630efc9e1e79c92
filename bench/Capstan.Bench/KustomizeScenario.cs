using System.Globalization;
using System.Text;
using Capstan.Kustomize;
using Capstan.Trees;

namespace Capstan.Bench;

/// <summary>Kustomizations: in this process, as a whole process, and growing, against kubectl kustomize.</summary>
internal sealed class KustomizeScenario : IScenario
{
    private static readonly int[] Sizes = [10, 100, 1000, 10_000];
    private const int LargestForKubectl = 1000;

    public string Name => "kustomize";

    public string Title => "building kustomizations, against kubectl kustomize";

    public async Task RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        if (options.Kubectl.Length == 0)
        {
            Figures.Print("kustomize", "left out: no kubectl");
            return;
        }

        var start = await RenderTimes.ProcessAsync(options.Kubectl, ["version", "--client"], cancellation);
        if (RenderTimes.Corpus("kustomize") is { } corpus)
        {
            await CorpusAsync(options, corpus, start, cancellation);
        }

        await GrowthAsync(options, start, cancellation);
    }

    private static async Task CorpusAsync(BenchOptions options, string corpus, double start, CancellationToken cancellation)
    {
        var (own, judge, whole) = (0.0, 0.0, new List<double>());
        foreach (var folder in Directory.EnumerateDirectories(corpus).Order(StringComparer.Ordinal))
        {
            var (root, path) = Place(folder);
            if (root is null)
            {
                continue;
            }

            var request = new KustomizeRequest(Memory(root), TreePath.Parse(path));
            own += RenderTimes.Warm(() => _ = KustomizeBuild.Run(request).YamlBytes);
            var full = Path.Combine(root, path);
            var reference = await RenderTimes.ProcessAsync(options.Kubectl, ["kustomize", full], cancellation, 3);
            whole.Add(reference / await RenderTimes.ProcessAsync(options.Capstan, ["render", full], cancellation, 3));
            judge += Math.Max(reference - start, 0);
        }

        Print($"{whole.Count} trees, warm: kubectl less its start / Capstan, sums (goal 3)", judge / own, "×");
        Print("whole processes: kubectl kustomize / capstan render, median (goal 3)", Figures.Percentile(whole, 50), "×");
    }

    private static async Task GrowthAsync(BenchOptions options, double start, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("capstan-kustomize-").FullName;
        try
        {
            foreach (var size in Sizes)
            {
                var files = Generated(size);
                var request = new KustomizeRequest(MemoryTree.Of([.. files]), TreePath.Root);
                var own = RenderTimes.Warm(() => _ = KustomizeBuild.Run(request).YamlBytes);
                Print($"{size} resources with name references and patches, warm", own, " ms");
                if (size > LargestForKubectl)
                {
                    continue;
                }

                var at = Directory.CreateDirectory(Path.Combine(folder, size.ToString(CultureInfo.InvariantCulture))).FullName;
                foreach (var (name, text) in files)
                {
                    await File.WriteAllTextAsync(Path.Combine(at, name), text, cancellation);
                }

                var reference = await RenderTimes.ProcessAsync(options.Kubectl, ["kustomize", at], cancellation, size > 100 ? 1 : 3);
                Print($"{size} resources: kubectl less its start / Capstan (goal at 1000: 20)", Math.Max(reference - start, 0) / own, "×");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Half of the resources are settings, the other half workloads that name them; every tenth workload has a patch.
    private static List<(string Name, string Text)> Generated(int size)
    {
        var (all, patches) = (new StringBuilder(), new StringBuilder());
        for (var i = 0; i < size / 2; i++)
        {
            var n = i.ToString(CultureInfo.InvariantCulture);
            all.Append("---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c").Append(n).Append("\ndata:\n  k: v\n");
            all.Append("---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: d").Append(n).Append("\nspec:\n  template:\n    spec:\n      containers:\n      - name: web\n        image: nginx:1\n        envFrom:\n        - configMapRef:\n            name: c").Append(n).Append('\n');
            if (i % 10 == 0)
            {
                patches.Append("- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata:\n      name: d").Append(n).Append("\n    spec:\n      replicas: 3\n");
            }
        }

        return [("all.yaml", all.ToString()), ("kustomization.yaml", $"resources:\n- all.yaml\nnamePrefix: p-\nimages:\n- name: nginx\n  newTag: '2'\npatches:\n{patches}")];
    }

    private static void Print(string name, double value, string unit) => Figures.Print(name, string.Create(CultureInfo.InvariantCulture, $"{value:F2}{unit}"));

    private static (string? Root, string Path) Place(string folder)
    {
        var file = Path.Combine(folder, "path.txt");
        var tree = Path.Combine(folder, "tree");
        return File.Exists(file) && Directory.Exists(tree) ? (tree, File.ReadAllText(file).Trim()) : (null, "");
    }

    private static MemoryTree Memory(string folder) => new(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Select(f => (TreePath.Parse(Path.GetRelativePath(folder, f)), (ReadOnlyMemory<byte>)File.ReadAllBytes(f))));
}
