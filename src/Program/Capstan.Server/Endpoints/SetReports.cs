using Capstan.Api.Applications;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Server.Endpoints;

/// <summary>What is told of ApplicationSets beside the objects themselves.</summary>
internal static class SetReports
{
    /// <summary>Why a set is not up to date, out of its conditions and the health of its Applications.</summary>
    public static WhyReport Why(KubernetesObject set)
    {
        var conditions = (set.Status["conditions"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().ToList();
        var reasons = new List<WhyReason>();
        foreach (var condition in conditions.Where(c => c["status"]?.AsString() == "True"))
        {
            var (type, message, since) = (condition["type"]?.AsString(), condition["message"]?.AsString() ?? "", condition["lastTransitionTime"]?.AsString());
            switch (type)
            {
                case "ErrorOccurred":
                    reasons.Add(new WhyReason($"appset {set.Name} does not make its Applications ({condition["reason"]?.AsString()})", message, since, "Mend what the cause names; it is tried again by itself"));
                    break;
                case "DeletionsHeld":
                    reasons.Add(new WhyReason($"appset {set.Name} would delete far more than usual", message, since, $"`capstan approve appset {set.Name}` deletes them; mending the generators keeps them"));
                    break;
                case "RolloutProgressing":
                    reasons.Add(new WhyReason($"appset {set.Name} is rolling out", Rollout(set, message), since, "`capstan why APP` for the application that is waited for"));
                    break;
            }
        }
        var resources = (set.Status["resources"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().ToList();
        var unwell = resources.Where(r => r.At("health", "status")?.AsString() is { } h && h is not ("Healthy" or "Suspended")).Select(r => r["name"]?.AsString() ?? "").ToList();
        if (unwell.Count > 0)
        {
            reasons.Add(new WhyReason($"{unwell.Count} of {resources.Count} Applications are not healthy", string.Join(", ", unwell.Take(10)), null, $"`capstan why {unwell[0]}`"));
        }
        var upToDate = conditions.Any(c => c["type"]?.AsString() == "ResourcesUpToDate" && c["status"]?.AsString() == "True");
        return new WhyReport($"appset/{set.Name}", upToDate ? "UpToDate" : "OutOfDate", unwell.Count == 0 ? "Healthy" : "Degraded", reasons);
    }

    private static string Rollout(KubernetesObject set, string message)
    {
        var waiting = (set.Status["applicationStatus"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().Where(a => a["status"]?.AsString() is "Pending" or "Progressing")
            .Select(a => $"{a["application"]?.AsString()}: {a["message"]?.AsString()}").Take(5);
        return string.Join('\n', waiting.Prepend(message));
    }
}
