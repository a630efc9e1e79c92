using System.Globalization;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Printing;

/// <summary>The columns of pods: how many containers are ready, and the one word that says how it goes.</summary>
internal static class PodColumns
{
    public static readonly IReadOnlyList<Column> All =
    [
        BuiltInColumns.Name,
        BuiltInColumns.Of("Ready", p => string.Create(CultureInfo.InvariantCulture, $"{Statuses(p).Count(s => s.IsTrue("ready"))}/{p.Maps("spec", "containers").Count()}")),
        BuiltInColumns.Of("Status", Status),
        BuiltInColumns.Of("Restarts", p => Statuses(p).Sum(s => s.Number("restartCount") ?? 0).ToString(CultureInfo.InvariantCulture)),
        BuiltInColumns.Age,
        BuiltInColumns.Of("IP", p => BuiltInColumns.OrNone(p.Text("status", "podIP")), 1),
        BuiltInColumns.Of("Node", p => BuiltInColumns.OrNone(p.Text("spec", "nodeName")), 1),
        BuiltInColumns.Of("Nominated Node", p => BuiltInColumns.OrNone(p.Text("status", "nominatedNodeName")), 1),
        BuiltInColumns.Of("Readiness Gates", _ => "<none>", 1),
    ];

    private static IEnumerable<YamlMap> Statuses(YamlMap pod) => pod.Maps("status", "containerStatuses");

    private static string Status(YamlMap pod)
    {
        if (pod.At("metadata", "deletionTimestamp") is not null)
        {
            return "Terminating";
        }

        var word = pod.Text("status", "reason") is { Length: > 0 } reason ? reason : pod.Text("status", "phase");
        foreach (var status in Statuses(pod).Reverse())
        {
            if (status.Text("state", "waiting", "reason") is { Length: > 0 } waiting)
            {
                word = waiting;
            }
            else if (status.At("state", "terminated") is YamlMap terminated)
            {
                word = terminated.Text("reason") is { Length: > 0 } why ? why : $"ExitCode:{terminated.Number("exitCode") ?? 0}";
            }
        }

        return word;
    }
}
