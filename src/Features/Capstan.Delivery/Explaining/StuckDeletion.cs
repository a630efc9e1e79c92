using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Explaining;

/// <summary>Says why an object that is being deleted is still there.</summary>
internal static class StuckDeletion
{
    /// <summary>What keeps it; null when it is not being deleted, or nothing is known to keep it.</summary>
    public static string? Of(KubernetesObject live)
    {
        if (live.DeletionTimestamp is null)
        {
            return null;
        }

        var since = live.Metadata["deletionTimestamp"]?.AsString();
        var reasons = new List<string>();
        foreach (var finalizer in live.Finalizers)
        {
            reasons.Add(finalizer switch
            {
                "foregroundDeletion" => "what it owns has to go first (finalizer foregroundDeletion)",
                "kubernetes.io/pvc-protection" or "kubernetes.io/pv-protection" => $"something still uses it (finalizer {finalizer})",
                _ => $"it keeps the finalizer {finalizer}, which the controller that set it has to remove",
            });
        }

        // A namespace tells itself what is left in it.
        reasons.AddRange((live.Status["conditions"] as YamlList ?? YamlList.Empty).OfType<YamlMap>()
            .Where(c => live.Kind == "Namespace" && c["status"]?.AsString() == "True" && c["message"]?.AsString() is { Length: > 0 })
            .Select(c => c["message"]!.AsString()!));
        return reasons.Count == 0 ? null : $"{live.Key} is being deleted since {since}: {string.Join("; ", reasons)}";
    }

    /// <summary>What to do about it.</summary>
    public const string Next = "look at the controller that the finalizer belongs to; if it is gone for good, remove the finalizer from the object with kubectl edit";
}
