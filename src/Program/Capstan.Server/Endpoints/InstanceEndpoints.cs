using System.Globalization;
using Capstan.Access.Rights;
using Capstan.Api.Instance;
using Capstan.Kubernetes;
using Capstan.Server.Hosting;
using Capstan.Server.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Capstan.Server.Endpoints;

/// <summary>What is told of the installation itself.</summary>
internal static class InstanceEndpoints
{
    public static void Map(IEndpointRouteBuilder api, Func<ServerParts> parts)
    {
        api.MapGet("/version", http => Json.WriteAsync(http, new VersionInfo(parts().Settings.Version, parts().StartedAt.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)), InstanceJson.Default.VersionInfo)).NeedsSignIn(Verb.Get, ResourceKind.Instance).Tells("version", "Which program answers", typeof(VersionInfo));
        api.MapGet("/clusters", async http =>
            await Json.WriteAsync(http, new ClusterList([await ClusterAsync(parts(), http.RequestAborted).ConfigureAwait(false)]), InstanceJson.Default.ClusterList).ConfigureAwait(false)).Needs(Verb.List, ResourceKind.Clusters).Tells("listClusters", "The clusters that applications go to", typeof(ClusterList));
        api.MapGet("/doctor", async http =>
            await Json.WriteAsync(http, await Examination.RunAsync(parts(), http.RequestAborted).ConfigureAwait(false), InstanceJson.Default.DoctorReport).ConfigureAwait(false)).Needs(Verb.Get, ResourceKind.Instance).Tells("doctor", "What an examination of the installation finds", typeof(DoctorReport));
    }

    public static async Task<Cluster> ClusterAsync(ServerParts parts, CancellationToken cancellation)
    {
        var kind = parts.Settings.UsesLocalCluster ? "local" : "kubernetes";
        var server = parts.Cluster.Connection.Server.ToString().TrimEnd('/');
        try
        {
            var version = await parts.Cluster.VersionAsync(cancellation).ConfigureAwait(false);
            return new Cluster("in-cluster", server, version["gitVersion"]?.AsString(), "Successful", null, kind);
        }
        catch (Exception e) when (e is ClusterUnreachableException or KubernetesException)
        {
            return new Cluster("in-cluster", server, null, "Failed", e.Message, kind);
        }
    }
}

/// <summary>Looks at everything that a server needs.</summary>
internal static class Examination
{
    private const long LittleSpace = 1L << 30;

    public static async Task<DoctorReport> RunAsync(ServerParts parts, CancellationToken cancellation)
    {
        var cluster = await InstanceEndpoints.ClusterAsync(parts, cancellation).ConfigureAwait(false);
        var findings = new List<Finding>
        {
            cluster.State == "Successful"
                ? new Finding("cluster", "good", $"{cluster.Server} answers, version {cluster.Version}{(parts.Pods.Length > 0 ? $"; {parts.Pods}" : "")}")
                : new Finding("cluster", "bad", cluster.Message ?? "does not answer", "Look at its kubeconfig and whether its address can be reached from here"),
            Space(parts.Settings.Data),
            await GitAsync(parts, cancellation).ConfigureAwait(false),
            parts.Settings.AllowAnonymous
                ? new Finding("access", "warning", "everybody who reaches the server may read", "Start it without --allow-anonymous")
                : new Finding("access", "good", "reading and writing need the token"),
        };
        findings.AddRange(parts.Access.Problems.Select(p => new Finding("access", "bad", p, "Correct it in the platform repository; until then it gives nothing to anybody")));
        return new DoctorReport(findings);
    }

    private static Finding Space(string data)
    {
        var free = new DriveInfo(data).AvailableFreeSpace;
        var text = $"{data}: {free >> 20} MB free";
        return free < LittleSpace ? new Finding("data folder", "warning", text, "Free some space: pushes and writes are refused when it is full") : new Finding("data folder", "good", text);
    }

    private static async Task<Finding> GitAsync(ServerParts parts, CancellationToken cancellation)
    {
        try
        {
            return new Finding("git", "good", (await parts.Git.RunAsync(Sources.Git.GitProgram.Call(["--version"]), cancellation).ConfigureAwait(false)).Trim());
        }
        catch (IOException e)
        {
            return new Finding("git", "bad", e.Message, "Install git");
        }
    }
}
