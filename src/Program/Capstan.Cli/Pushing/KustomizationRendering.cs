using Capstan.Delivery.Rendering;
using Capstan.Helm;
using Capstan.Helm.Arguments;
using Capstan.Helm.Charts;
using Capstan.Helm.Repositories;
using Capstan.Kustomize;
using Capstan.Resources;
using Capstan.Sources;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Cli.Pushing;

/// <summary><c>render</c> of a kustomization: arguments, bytes and exit code of <c>kubectl kustomize</c>.</summary>
internal static class KustomizationRendering
{
    /// <summary>kubectl's exit code of every failure.</summary>
    private const int KubectlFailed = 1;

    private const int MostCharts = 100;

    /// <returns>kubectl's exit code.</returns>
    public static async Task<int> RunAsync(CliContext context, KustomizeArguments arguments, CancellationToken cancellation)
    {
        var manifests = Manifests.Open(arguments.Folder, recurse: false);
        try
        {
            var request = new KustomizeRequest(manifests.Tree, TreePath.Parse(manifests.Path)) { LoadRestriction = arguments.Restriction };
            var result = await BuildAsync(context, arguments, request, cancellation).ConfigureAwait(false);
            foreach (var warning in result.Warnings) context.Say(warning);
            Write(context, arguments.Output, result);
            return ExitCodes.Fine;
        }
        catch (Exception error) when (error is KustomizeException or ChartException or SourceException)
        {
            context.Say($"error: {error.Message}");
            return KubectlFailed;
        }
    }

    // A build never waits for a network: it says which chart it lacks, and is run again when that is here.
    private static async Task<KustomizeResult> BuildAsync(CliContext context, KustomizeArguments arguments, KustomizeRequest request, CancellationToken cancellation)
    {
        if (!arguments.EnableHelm) return KustomizeBuild.Run(request);
        using var charts = new LocalCharts(context, new HelmTemplateArguments());
        var (helm, fetched) = (new HelmRenderer(), new Dictionary<NeededChart, FetchedChart>());
        while (true)
        {
            try
            {
                return KustomizeBuild.Run(request with { Charts = new ChartInflator(helm, fetched, arguments.KubeVersion, arguments.ApiVersions) });
            }
            catch (ChartNotFetchedException missing) when (fetched.Count < MostCharts)
            {
                var chart = missing.Chart;
                fetched[chart] = await charts.Repositories.FetchAsync(chart.Repository, chart.Name, chart.Version, cancellation).ConfigureAwait(false);
            }
        }
    }

    private static void Write(CliContext context, string? output, KustomizeResult result)
    {
        if (output is null)
        {
            context.Out.Write(result.Yaml);
        }
        else if (!Directory.Exists(output))
        {
            File.WriteAllBytes(output, result.YamlBytes);
        }
        else
        {
            foreach (var (name, resources) in Files(result.Manifests)) File.WriteAllText(Path.Combine(output, name), GoYaml.WriteAll(resources.Select(m => m.Body)));
        }
    }

    // kustomize names the namespace where there are several, and joins what comes to the same name.
    private static IEnumerable<(string Name, IEnumerable<KubernetesObject> Resources)> Files(IReadOnlyList<Manifest> manifests)
    {
        var objects = manifests.Select(m => m.Object).ToArray();
        var spaces = objects.Where(o => KubernetesKinds.AreNamespaced(o.GroupKind)).Select(Space).Distinct().Count();
        return objects.GroupBy(o => (spaces > 1 && KubernetesKinds.AreNamespaced(o.GroupKind) ? Space(o) + "_" : "") + FileName(o)).Select(g => (g.Key, g.AsEnumerable()));
    }

    private static string Space(KubernetesObject o) => o.Namespace.Length == 0 ? "default" : o.Namespace.ToLowerInvariant();

    // A name of an object is no name of a file as such: it may hold a slash in a manifest that no server would take.
    private static string FileName(KubernetesObject o)
    {
        var kind = o.GroupVersionKind;
        var name = string.Join('_', ((string[])[kind.Group, kind.Version, kind.Kind, o.Name]).Where(p => p.Length > 0)).ToLowerInvariant() + ".yaml";
        return name.Contains('/', StringComparison.Ordinal) ? throw new CommandException(ExitCodes.Refused, $"{o}: its name cannot be a file's") : name;
    }
}
