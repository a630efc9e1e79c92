using System.Text;
using Capstan.GoTemplates;
using Capstan.Helm.Charts;
using Capstan.Helm.Dependencies;
using Capstan.Helm.Functions;
using Capstan.Helm.Repositories;
using Capstan.Helm.Schemas;
using Capstan.Helm.Values;
using Capstan.Trees;

namespace Capstan.Helm.Rendering;

/// <summary>One rendering, step by step: load, values, dependencies, schema, templates, order, output.</summary>
internal sealed class ChartRendering(TemplateLanguage language, ChartLoader loader, HelmRenderRequest request, CancellationToken cancellation)
{
    private const string NotesFile = "NOTES.txt";

    private readonly List<string> _warnings = [];
    private bool _rendering;

    public HelmRenderResult Render()
    {
        try
        {
            return Checked();
        }
        catch (ChartException error)
        {
            return Failed(error.Message, FindPlace(error));
        }
        catch (TemplateLimitException error)
        {
            return Failed(error.Message, null);
        }
        catch (TreeLimitException error)
        {
            return Failed(error.Message, null);
        }
        catch (InsufficientExecutionStackException)
        {
            return Failed("the chart's values or templates are nested too deep", null);
        }
    }

    private static TemplatePlace? FindPlace(Exception? error)
    {
        // The innermost place is where it went wrong; the outer ones only led there.
        TemplatePlace? place = null;
        for (; error is not null; error = error.InnerException)
        {
            place = (error as TemplateException)?.Place ?? place;
        }

        return place;
    }

    private HelmRenderResult Failed(string message, TemplatePlace? place) =>
        new("", [], [], [], "", _warnings, new HelmError(message, place, _rendering));

    private HelmRenderResult Checked()
    {
        ReleaseNames.Validate(request.ReleaseName);
        var capabilities = Capabilities.Of(request.KubeVersion, request.ApiVersions);
        var values = UserValues.Read(request);
        var chart = loader.Load(request.Tree, request.ChartPath);
        AddDependencies(chart);
        CheckInstallable(chart);
        new DependencyProcessing(_warnings).Process(chart, values);
        var joined = new Coalescing(merge: false, _warnings).Values(chart, values);
        if (!request.SkipSchemaValidation)
        {
            ChartSchemas.Validate(chart, joined);
        }

        _rendering = true;
        CheckKubeVersion(chart, capabilities);
        var templates = new ChartTemplates(language, request, capabilities, cancellation);
        return Result(chart, templates, templates.Execute(chart, joined));
    }

    // As if they lay in charts/, whose archives come in the order of their names.
    private void AddDependencies(Chart chart)
    {
        if (request.Dependencies is not { } fetched)
        {
            return;
        }

        var added = new List<Chart>();
        foreach (var needed in ChartDependencies.Missing(request.Tree, request.ChartPath, request.UpdateDependencies))
        {
            added.Add(needed.IsLocal ? Local(needed)
                : fetched.TryGetValue(needed, out var found) ? loader.Load(found)
                : throw new ChartException($"chart {needed.Name} {needed.Version} of {needed.Repository} was not fetched"));
        }

        chart.Dependencies = [.. chart.Dependencies.Concat(added).OrderBy(c => $"{c.Name}-{c.Metadata.Version}", StringComparer.Ordinal)];
    }

    private Chart Local(NeededChart needed)
    {
        if (!request.ChartPath.TryResolve(needed.Repository["file://".Length..], out var path, out var problem))
        {
            throw new ChartException($"dependency {needed.Name}: {needed.Repository}: {problem}");
        }

        var chart = loader.Load(request.Tree, path);
        return needed.Version.Length == 0 || DependencyProcessing.IsCompatible(needed.Version, chart.Metadata.Version)
            ? chart
            : throw new ChartException($"can't get a valid version for dependency {needed.Name}: {needed.Repository} has {chart.Metadata.Version}, and {needed.Version} is wanted");
    }

    private static void CheckInstallable(Chart chart)
    {
        if (chart.Metadata.Type is not ("" or "application"))
        {
            throw new ChartException($"{chart.Metadata.Type} charts are not installable");
        }

        var missing = (chart.Metadata.Dependencies ?? []).Where(d => !chart.Dependencies.Any(c => c.Name == d.Name)).Select(static d => d.Name).ToArray();
        if (missing.Length > 0)
        {
            throw new ChartException(
                "an error occurred while checking for chart dependencies. You may need to run `helm dependency build` to fetch missing "
                + $"dependencies: found in Chart.yaml, but missing in charts/ directory: {string.Join(", ", missing)}");
        }
    }

    private static void CheckKubeVersion(Chart chart, Capabilities capabilities)
    {
        if (chart.Metadata.KubeVersion.Length > 0 && !DependencyProcessing.IsCompatible(chart.Metadata.KubeVersion, capabilities.Kube.Normalized))
        {
            throw new ChartException(
                $"chart requires kubeVersion: {chart.Metadata.KubeVersion} which is incompatible with Kubernetes {capabilities.Kube.Version}");
        }
    }

    private HelmRenderResult Result(Chart chart, ChartTemplates templates, List<(string File, string Content)> files)
    {
        var notesPath = $"{chart.Name}/templates/{NotesFile}";
        var notes = files.Find(f => f.File == notesPath).Content ?? "";
        files.RemoveAll(static f => f.File.EndsWith(NotesFile, StringComparison.Ordinal));
        if (request.PostRenderer is { } postRenderer)
        {
            files = [("generated-by-postrender-0.yaml", postRenderer(Stream(files)))];
        }

        var contents = request.SourceMap ? files.GroupBy(f => f.File).ToDictionary(g => g.Key, g => g.First().Content) : [];
        var (manifests, hooks) = ManifestSorter.Sort(files);
        var crds = Crds(chart).ToArray();
        var output = new StringBuilder();
        if (request.IncludeCrds)
        {
            foreach (var crd in crds)
            {
                Append(output, crd.File, crd.Content);
            }
        }

        foreach (var manifest in manifests)
        {
            Append(output, manifest.File, manifest.Content);
        }

        var text = new StringBuilder(output.ToString().Trim()).Append('\n');
        hooks.RemoveAll(h => request.NoHooks || (request.SkipTests && h.Hook!.Events.Contains("test")));
        foreach (var hook in hooks)
        {
            Append(text, hook.File, hook.Content);
        }

        _rendering = false;
        var shown = request.ShowOnly.Count > 0 ? ShownManifests.Select(text.ToString(), request.ShowOnly) : text.ToString();
        return new HelmRenderResult(shown, [.. manifests.Select(Placed)], [.. hooks.Select(Placed)], crds, notes, _warnings, null);

        HelmManifest Placed(HelmManifest manifest)
        {
            var placed = manifest with { Path = templates.PathOf(manifest.File) };
            if (!templates.Lines.TryGetValue(manifest.File, out var lines))
            {
                return placed;
            }

            // Two equal documents of one template come from the first place; nobody can tell them apart.
            return SourceMaps.Apply(placed, contents[manifest.File], lines, templates.PlaceOf);
        }
    }

    private static string Stream(List<(string File, string Content)> files)
    {
        var output = new StringBuilder();
        foreach (var (file, content) in files.OrderBy(static f => f.File, StringComparer.Ordinal))
        {
            if (!string.IsNullOrWhiteSpace(content))
            {
                Append(output, file, content.Trim());
            }
        }

        return output.ToString();
    }

    private static void Append(StringBuilder output, string file, string content) =>
        output.Append("---\n# Source: ").Append(file).Append('\n').Append(content).Append('\n');

    private static IEnumerable<HelmCrdFile> Crds(Chart chart)
    {
        foreach (var file in chart.Files)
        {
            if (file.Name.StartsWith("crds/", StringComparison.Ordinal)
                && Path.GetExtension(file.Name) is var extension
                && (extension.Equals(".yaml", StringComparison.OrdinalIgnoreCase) || extension.Equals(".yml", StringComparison.OrdinalIgnoreCase)
                    || extension.Equals(".json", StringComparison.OrdinalIgnoreCase)))
            {
                yield return new HelmCrdFile(PathFunctions.Clean($"{chart.FullPath}/{file.Name}"), file.Text) { Path = file.Source };
            }
        }

        foreach (var crd in chart.Dependencies.SelectMany(Crds))
        {
            yield return crd;
        }
    }
}
