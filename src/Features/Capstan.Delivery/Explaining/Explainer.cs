using Capstan.Delivery.Applications;
using Capstan.Delivery.Comparing;
using Capstan.Delivery.Controllers;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Explaining;

/// <summary>Turns what is known of an Application into reasons that a person can act on.</summary>
internal static class Explainer
{
    private const int MostFields = 10;
    private const int MostEvents = 3;
    private static readonly GroupVersionKind Events = new("", "v1", "Event");

    // 1. Conditions. 2. What differs. 3. What is not healthy.
    public static async Task<IReadOnlyList<Explanation>> ExplainAsync(ApplicationStatus status, Observation? seen, CancellationToken cancellation)
    {
        var reasons = status.Conditions.Select(c => new Explanation(c.Condition.Type, c.Condition.Message, c.Since, NextAction(c.Condition.Type))).ToList();
        foreach (var compared in seen?.Comparison.Objects ?? [])
        {
            if (compared.Sync != SyncCode.Synced)
            {
                reasons.Add(Difference(compared, status));
            }

            if (compared.Live is not null && compared.Health is { Status: not (HealthStatus.Healthy or HealthStatus.Suspended) } health)
            {
                reasons.Add(await UnhealthyAsync(compared, health, seen!.Cluster, cancellation).ConfigureAwait(false));
            }
        }

        return reasons;
    }

    private static Explanation Difference(ComparedObject compared, ApplicationStatus status)
    {
        var failed = status.Operation?.Results.FirstOrDefault(r => r.Key == compared.Key && r.Code == ResourceResult.SyncFailed);
        var since = compared.Differences.Select(d => d.Time).Max();
        if (failed is not null)
        {
            return new Explanation($"{compared.Key} could not be applied", failed.Message, status.Operation!.FinishedAt, "correct the object in Git and push, or give what the message says is missing");
        }

        if (compared.RequiresPruning)
        {
            return new Explanation($"{compared.Key} is not in Git any more", "it still exists in the cluster and pruning is not on", null, "sync with pruning, or set spec.syncPolicy.automated.prune");
        }

        if (compared.Owner is { } owner)
        {
            return new Explanation($"{compared.Key} belongs to another Application", $"Application {owner} has it too, and writes it", null, "remove it from one of the two");
        }

        return compared.Live is null
            ? new Explanation($"{compared.Key} does not exist", $"it is wanted by {compared.Desired!.Origin}", null, "sync the Application")
            : new Explanation(
                $"{compared.Key} differs from Git ({compared.Desired!.Origin})",
                string.Join('\n', compared.Differences.Take(MostFields).Select(d => Told(compared, d))), since,
                "sync the Application, or put the change into Git");
    }

    // What a Secret holds is told to nobody, only that it differs.
    private static string Told(ComparedObject compared, FieldDifference difference)
    {
        var isSecret = compared.Key.GroupKind == new GroupKind("", "Secret") && !difference.Path.StartsWith(".metadata.labels", StringComparison.Ordinal);
        var text = isSecret ? $"{difference.Path}: the values differ{(difference.Manager.Length > 0 ? $" (live by {difference.Manager})" : "")}" : difference.ToString();
        return text + (difference.Time is { } at ? $" at {StatusWriter.Time(at)}" : "");
    }

    private static async Task<Explanation> UnhealthyAsync(ComparedObject compared, HealthAssessment health, Cluster cluster, CancellationToken cancellation)
    {
        var evidence = new List<string>();
        if (health.Message.Length > 0)
        {
            evidence.Add(health.Message);
        }

        if (StuckDeletion.Of(compared.Live!) is { } stuck)
        {
            return new Explanation($"{compared.Key} is being deleted and still there", stuck, null, StuckDeletion.Next);
        }

        var suspects = new List<KubernetesObject> { compared.Live! };
        foreach (var node in ObjectTree.Descendants(compared.Live!.Uid, cluster.Live).Where(n => n.Kind.Kind == "Pod").Take(20))
        {
            var pod = node.Read();
            var reasons = PodReasons(pod).ToList();
            evidence.AddRange(reasons);
            if (reasons.Count > 0)
            {
                suspects.Add(pod);
            }
        }

        evidence.AddRange(await EventsAsync(cluster, suspects, cancellation).ConfigureAwait(false));
        return new Explanation(
            $"{compared.Key} is {health.Status}", evidence.Count > 0 ? string.Join('\n', evidence.Distinct()) : "it says nothing of why", null,
            health.Status == HealthStatus.Degraded ? "correct what the evidence names and push" : "wait, or look at its events and logs");
    }

    private static IEnumerable<string> PodReasons(KubernetesObject pod)
    {
        foreach (var status in (pod.Status["containerStatuses"] as YamlList ?? YamlList.Empty).Concat(pod.Status["initContainerStatuses"] as YamlList ?? YamlList.Empty).OfType<YamlMap>())
        {
            foreach (var state in (string[])["waiting", "terminated"])
            {
                if (status.At("state", state) is YamlMap why && why["reason"]?.AsString() is { Length: > 0 } reason and not ("ContainerCreating" or "Completed"))
                {
                    yield return $"{pod.Key}: container {status["name"]?.AsString()}: {reason}{(why["message"]?.AsString() is { Length: > 0 } text ? ": " + text : "")}";
                }
            }
        }

        foreach (var condition in (pod.Status["conditions"] as YamlList ?? YamlList.Empty).OfType<YamlMap>())
        {
            if (condition["type"]?.AsString() == "PodScheduled" && condition["status"]?.AsString() == "False")
            {
                yield return $"{pod.Key}: {condition["reason"]?.AsString()}: {condition["message"]?.AsString()}";
            }
        }
    }

    // Events are asked for when somebody asks why, and not watched: there are too many of them.
    private static async Task<IReadOnlyList<string>> EventsAsync(Cluster cluster, IEnumerable<KubernetesObject> objects, CancellationToken cancellation)
    {
        var found = new List<string>();
        try
        {
            var resource = await cluster.Client.ResolveAsync(Events, cancellation).ConfigureAwait(false);
            foreach (var @object in objects.Where(o => o.Namespace.Length > 0).Take(5))
            {
                var options = new ListOptions { Namespace = @object.Namespace, FieldSelector = $"involvedObject.uid={@object.Uid}" };
                var events = await cluster.Client.ListAsync(resource, options, cancellation).ConfigureAwait(false);
                found.AddRange(events.Items.Where(e => e.Body["type"]?.AsString() == "Warning").TakeLast(MostEvents)
                    .Select(e => $"{@object.Key}: event {e.Body["reason"]?.AsString()}: {e.Body["message"]?.AsString()}"));
            }
        }
        catch (Exception error) when (error is KubernetesException or ClusterUnreachableException or UnknownKindException)
        {
            found.Add($"events could not be read: {error.Message}");
        }

        return found;
    }

    private static string NextAction(string type) => type switch
    {
        ConditionTypes.InvalidSpec => "change the Application as the message says",
        ConditionTypes.Comparison => "correct what the message names; it is looked at again by itself",
        ConditionTypes.Sync => "correct the cause and push, or sync by hand",
        ConditionTypes.Deletion => "make the cluster reachable, or remove the finalizer to let the objects stay",
        ConditionTypes.Deleting => StuckDeletion.Next,
        ConditionTypes.SharedResource => "remove the object from all Applications but one",
        ConditionTypes.RepeatedResource => "remove one of the two from Git",
        ConditionTypes.ExcludedResource => "take the object out of the source, or let the operator's settings have its kind",
        ConditionTypes.Orphaned => "delete them, bring them into Git, or name them in the project's spec.orphanedResources.ignore",
        ConditionTypes.Settings => "correct the ConfigMap argocd-cm",
        ConditionTypes.Forbidden => "move the object to the platform repository",
        ConditionTypes.Paused => "ask who paused it, or let it go on with `capstan resume`; a sync by hand is still done",
        ConditionTypes.SyncWindow => "wait, or change spec.syncWindows of the project; with manualSync there a person may sync now",
        ConditionTypes.Pinned => "remove the annotation capstan.dev/pin when the cause is corrected in Git",
        ConditionTypes.ForeignController => "hand over, or stop the other controller",
        _ => "look at Capstan's log and report it",
    };
}
