using Capstan.Cli.Connection;
using Capstan.Helm;
using Capstan.Helm.Arguments;
using Capstan.Helm.Charts;
using Capstan.Helm.Repositories;
using Capstan.Kubernetes;
using Capstan.Sources;
using Capstan.Trees;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Cli.Pushing;

/// <summary><c>render</c> of a chart: arguments, bytes, messages and exit code of <c>helm template</c>.</summary>
internal static class ChartRendering
{
    /// <summary>Helm's exit code of every failure.</summary>
    private const int HelmFailed = 1;

    /// <summary>Whether PATH is a chart.</summary>
    public static bool IsChart(string path) => File.Exists(Path.Combine(path, "Chart.yaml")) || (File.Exists(path) && path.EndsWith(".tgz", StringComparison.Ordinal));

    /// <summary>Whether PATH is a chart of a registry, or an archive behind HTTP.</summary>
    public static bool IsElsewhere(string path) => path.StartsWith(ChartReference.Scheme, StringComparison.Ordinal) || IsArchiveUrl(path);

    /// <returns>Helm's exit code.</returns>
    public static async Task<int> RunAsync(CliContext context, HelmTemplateArguments arguments, CancellationToken cancellation)
    {
        if (arguments.PostRenderer is not null)
        {
            context.Say("Error: --post-renderer: no program is run while rendering. Pipe the output through it");
            return HelmFailed;
        }
        try
        {
            var request = await RequestAsync(context, arguments, cancellation).ConfigureAwait(false);
            var result = arguments.AsksCluster ? await AskingAsync(context, arguments, request, cancellation).ConfigureAwait(false) : new HelmRenderer().Render(request, cancellation);
            foreach (var warning in result.Warnings) context.Say(warning);
            if (result.Error is not { } error)
            {
                context.Out.Write(result.Output);
                return ExitCodes.Fine;
            }
            context.Error.Write(error.HelmText);
            if (error.Excerpt.Length > 0) context.Say(error.Excerpt);
        }
        catch (Exception e) when (e is ChartException or SourceException or KubernetesException or UnknownKindException or ClusterUnreachableException or ClusterConfigurationException)
        {
            context.Say($"Error: {e.Message}");
        }
        catch (FileNotFoundException e)
        {
            context.Say($"Error: open {e.FileName}: no such file or directory");
        }
        return HelmFailed;
    }

    private static async Task<HelmRenderResult> AskingAsync(CliContext context, HelmTemplateArguments arguments, HelmRenderRequest request, CancellationToken cancellation)
    {
        using var client = new ClusterClient(ClusterOptions.Connect(arguments.Kubeconfig, arguments.KubeContext, context), context.Clock, NullLogger.Instance);
        return await new ClusterLookups(client).RenderAsync(request, cancellation).ConfigureAwait(false);
    }

    private static async Task<HelmRenderRequest> RequestAsync(CliContext context, HelmTemplateArguments arguments, CancellationToken cancellation)
    {
        using var charts = new LocalCharts(context, arguments);
        if (await FetchAsync(charts, arguments, cancellation).ConfigureAwait(false) is { } fetched)
        {
            if (arguments.Verify) await fetched.VerifyAsync(ProvenanceFiles.ReadKeyring(context, arguments), context.Clock.GetUtcNow(), cancellation).ConfigureAwait(false);
            return arguments.ToRequest(ChartRepositories.Open(fetched), TreePath.Root, f => File.ReadAllBytes(f));
        }
        if (arguments.Verify) ProvenanceFiles.Verify(context, arguments);
        var manifests = Manifests.OfChart(Path.GetFullPath(arguments.Chart));
        var request = arguments.ToRequest(manifests.Tree, TreePath.Parse(manifests.Path), f => File.ReadAllBytes(f));
        if (!arguments.DependencyUpdate || File.Exists(arguments.Chart)) return request;
        var missing = ChartDependencies.Missing(request.Tree, request.ChartPath, update: true);
        return request with { UpdateDependencies = true, Dependencies = await ChartDependencies.FetchAsync(missing, charts.Repositories, cancellation).ConfigureAwait(false) };
    }

    // A chart from elsewhere; null for one on this disk.
    private static async Task<FetchedChart?> FetchAsync(LocalCharts charts, HelmTemplateArguments arguments, CancellationToken cancellation)
    {
        var version = arguments.Version ?? "";
        if (arguments.Chart.StartsWith(ChartReference.Scheme, StringComparison.Ordinal))
        {
            return await charts.Repositories.FetchAsync(ChartReference.Parse(arguments.Chart), version, cancellation).ConfigureAwait(false);
        }
        if (arguments.Repository is { } repository) return await charts.Repositories.FetchAsync(repository, arguments.Chart, version, cancellation).ConfigureAwait(false);
        return IsArchiveUrl(arguments.Chart) ? await charts.Repositories.FetchArchiveAsync(arguments.Chart, cancellation).ConfigureAwait(false) : null;
    }

    private static bool IsArchiveUrl(string path) => Uri.TryCreate(path, UriKind.Absolute, out var url) && url.Scheme is "http" or "https";
}
