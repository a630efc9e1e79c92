using Capstan.Yaml;

namespace Capstan.Resources;

internal static class PodHealth
{
    public static HealthAssessment Of(KubernetesObject live)
    {
        var status = live.Status;
        var message = status.Text("message");
        var always = live.Spec.Text("restartPolicy") is "Always" or "";
        if (always && StuckContainers(status) is { Count: > 0 } stuck)
        {
            return HealthAssessment.Degraded(string.Join(", ", stuck));
        }

        return status.Text("phase") switch
        {
            "Pending" => HealthAssessment.Progressing(message),
            "Succeeded" => HealthAssessment.Healthy(message),
            "Failed" => HealthAssessment.Degraded(message.Length > 0 ? message : Containers(status).Select(FailureOf).FirstOrDefault(f => f.Length > 0) ?? ""),
            "Running" => always ? Running(live, message) : HealthAssessment.Progressing(message),
            _ => HealthAssessment.Unknown(message),
        };
    }

    private static HealthAssessment Running(KubernetesObject live, string message)
    {
        if (live.Condition("Ready")?.Text("status") == "True")
        {
            return HealthAssessment.Healthy(message);
        }

        // A container that ended before and is not ready again is in trouble; one that never ended is still starting.
        return live.Status.Maps("containerStatuses").Any(c => c.At("lastState", "terminated") is YamlMap)
            ? HealthAssessment.Degraded(message)
            : HealthAssessment.Progressing(message);
    }

    private static List<string> StuckContainers(YamlMap status)
    {
        var messages = new List<string>();
        foreach (var container in Containers(status))
        {
            var reason = container.Text("state", "waiting", "reason");
            if (reason.StartsWith("Err", StringComparison.Ordinal) || reason.EndsWith("Error", StringComparison.Ordinal)
                || reason.EndsWith("BackOff", StringComparison.Ordinal))
            {
                messages.Add(container.Text("state", "waiting", "message") is { Length: > 0 } text ? text : reason);
            }
        }

        return messages;
    }

    private static string FailureOf(YamlMap container)
    {
        if (container.At("state", "terminated") is not YamlMap ended)
        {
            return "";
        }

        if (ended.Text("message") is { Length: > 0 } message)
        {
            return message;
        }

        var code = ended.Number("exitCode");
        return ended.Text("reason") == "OOMKilled" ? "OOMKilled"
            : code != 0 ? $"container \"{container.Text("name")}\" failed with exit code {code}" : "";
    }

    private static IEnumerable<YamlMap> Containers(YamlMap status) => status.Maps("initContainerStatuses").Concat(status.Maps("containerStatuses"));
}
