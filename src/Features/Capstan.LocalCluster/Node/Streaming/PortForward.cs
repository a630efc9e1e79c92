using Capstan.LocalCluster.ApiServer;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Resources;
using Microsoft.AspNetCore.Http;

namespace Capstan.LocalCluster.Node.Streaming;

/// <summary>Connections to ports of a pod.</summary>
internal static class PortForward
{
    public static Task HandleAsync(HttpContext context, PodStreams streams, KubernetesObject pod, CancellationToken cancellation) =>
        throw ApiErrors.BadRequest($"unable to forward port because pod is not running. Current status={pod.Status.Text("phase")}");
}
