using System.Net;
using System.Security.Cryptography;
using System.Text;
using Capstan.Containers.Discovery;
using Capstan.Delivery.Settings;
using Capstan.Kubernetes;
using Capstan.Server.Hosting;
using Capstan.Sources.Processes;
using Capstan.Workflows.Backends.Containers;
using Capstan.Workflows.Backends.Host;
using Capstan.Workflows.Backends;
using Capstan.Workflows.Controlling;
using Capstan.Workflows.Images;
using Capstan.Workflows.Keeping;
using Capstan.Workflows.Running;
using Capstan.Workflows.Runs;
using Capstan.Workflows.Storage;
using Capstan.Workflows;
using Microsoft.Extensions.Logging;

namespace Capstan.Server.Bindings;

/// <summary>Puts the engine of workflows together.</summary>
internal static class WorkflowBinding
{
    /// <summary>Whether a repository's jobs may run as processes of this machine.</summary>
    public static bool MayRunOnHost(ServerSettings settings, string repository) => settings.AllowHostJobs.Contains("*") || settings.AllowHostJobs.Contains(repository);

    public static async Task<WorkflowEngine> CreateAsync(ServerSettings settings, Uri url, ClusterClient cluster, IWorkflowRepositories repositories, IRunTokens tokens, IImageBuilds images, IRunArchive archive, IReleases releases, ProcessRunner programs, TimeProvider time, ILoggerFactory logs, CancellationToken cancellation)
    {
        var folder = Path.Combine(settings.Data, "workflows");
        var options = new RunnerOptions { Folder = folder, ServerUrl = (settings.ExternalUrl ?? url).ToString().TrimEnd('/'), Retention = async stop => Of((await SettingsAsync(settings, cluster, stop).ConfigureAwait(false)).Keep) };
        var owner = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(settings.Data)))[..12];
        bool OnHost(string repository) => MayRunOnHost(settings, repository);
        var search = await EngineFinder.ForThisProcess(time).FindAsync($"capstan-ci-{owner}", cancellation).ConfigureAwait(false);
        var limits = new ContainerBackendOptions
        {
            Images = settings.RunnerImages,
            ImagesNow = async stop => (await SettingsAsync(settings, cluster, stop).ConfigureAwait(false)).RunnerImages,
            ServerAddress = settings.ExternalUrl is null && url.IsLoopback && IPAddress.TryParse(url.Host.Trim('[', ']'), out var own) ? new IPEndPoint(own, url.Port) : null,
        };
        var containers = search.Engine is null ? null : new ContainerBackend(search.Engine, limits, new RunnerImages(search.Engine, limits, Path.Combine(folder, "images"), programs), time);
        var backend = new ChosenBackend(containers, new HostBackend(programs, owner, OnHost, time, containers), OnHost);
        var services = new RunServices(
            repositories, backend, new ArtifactStore(Path.Combine(folder, "artifacts"), options.MostArtifactBytes), new CacheStore(Path.Combine(folder, "cache"), options.MostArtifactBytes), images, new ManifestApplies(cluster.Connection.Server, time), archive, options, time);
        return new WorkflowEngine(services, new RunStore(cluster, "capstan"), tokens, releases, logs.CreateLogger<WorkflowEngine>());
    }

    private static Workflows.Keeping.RunRetention Of(Delivery.Settings.RunRetention keep) => new(keep.Runs, keep.Days, keep.Megabytes);

    private static async Task<WorkflowSettings> SettingsAsync(ServerSettings settings, ClusterClient cluster, CancellationToken cancellation)
    {
        try
        {
            return (await OperatorSettings.ReadAsync(cluster, settings.AppNamespaces[0], cancellation).ConfigureAwait(false)).Workflows;
        }
        catch (Exception failure) when (failure is KubernetesException or ClusterUnreachableException or UnknownKindException)
        {
            throw new WorkflowException($"the Settings cannot be read now: {failure.Message}", failure);
        }
    }
}
