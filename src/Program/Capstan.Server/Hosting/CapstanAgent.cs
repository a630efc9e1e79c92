using Capstan.Delivery.Controllers;
using Capstan.Delivery.Scripts;
using Capstan.Kubernetes;
using Capstan.Server.Platform;
using Capstan.Server.Problems;
using Capstan.Sources.Git;
using Capstan.Sources.Http;
using Capstan.Sources.Processes;
using Capstan.Sources.Registries;
using Capstan.Sources.Ssrf;
using Microsoft.Extensions.Logging;

namespace Capstan.Server.Hosting;

/// <summary>The engine alone, for the Applications of one cluster: no Git host, no API.</summary>
public static class CapstanAgent
{
    /// <summary>Runs until <paramref name="cancellation"/>.</summary>
    /// <exception cref="ServerStartException">It cannot start.</exception>
    public static async Task RunAsync(ServerSettings settings, TimeProvider time, ILoggerFactory logs, CancellationToken cancellation)
    {
        try
        {
            using var folder = DataFolderLock.Take(settings.Data);
            var target = await ClusterTarget.OpenAsync(settings, null, time, logs, cancellation).ConfigureAwait(false);
            await using (target.ConfigureAwait(false))
            {
                var cluster = new ClusterClient(target.Connection, time, logs.CreateLogger<ClusterClient>());
                var git = new GitProgram(new ProcessRunner(time));
                using var mirrors = new GitMirrors(Path.Combine(settings.Data, "cache", "mirrors"), git, AddressGuard.Strict, null, time);
                using var charts = new RepositoryFiles(Path.Combine(settings.Data, "cache", "charts"), AddressGuard.Strict, time);
                using var artifacts = new ArtifactFiles(Path.Combine(settings.Data, "cache", "charts"), AddressGuard.Strict, time);
                var options = new DeliveryOptions { ApplicationNamespaces = settings.AppNamespaces, Scripts = ScriptProgram.Own() };
                var engine = new DeliveryEngine(cluster, mirrors, options, time, logs.CreateLogger<DeliveryEngine>(), charts, artifacts);
                await using (engine.ConfigureAwait(false))
                {
                    await FirstObjects.EnsureAsync(cluster, settings, platformUrl: null, cancellation).ConfigureAwait(false);
                    logs.CreateLogger<CapstanServer>().AgentStarted(target.Connection.ToString());
                    var trim = new MemoryTrim(engine.Shrink, time);
                    await using var trimming = trim.ConfigureAwait(false);
                    await engine.RunAsync(cancellation).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ClusterConfigurationException or ClusterUnreachableException or KubernetesException)
        {
            throw new ServerStartException(e.Message, e);
        }
    }
}
