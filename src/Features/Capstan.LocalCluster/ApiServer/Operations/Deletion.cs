using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.Controllers.Deletion;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Operations;

/// <summary>What it takes for an object to go.</summary>
internal static class Deletion
{
    /// <summary>Whether an object that is being deleted has nothing left to wait for.</summary>
    public static bool IsFinished(ServedResource resource, YamlMap tree)
    {
        if (tree.At("metadata", "deletionTimestamp") is null || tree.At("metadata", "finalizers") is YamlList { Count: > 0 })
        {
            return false;
        }

        return resource.Qualified switch
        {
            // A namespace has finalizers of its own, which who empties it takes away.
            "namespaces" => tree.At("spec", "finalizers") is not YamlList { Count: > 0 },
            _ => tree.Number("metadata", "deletionGracePeriodSeconds") is null or 0,
        };
    }

    /// <summary>Seconds that an object is given to stop; only pods stop gracefully.</summary>
    public static long GraceOf(ServedResource resource, YamlMap tree, long? asked)
    {
        if (resource.Qualified != "pods" || tree.Text("spec", "nodeName").Length == 0 || tree.Text("status", "phase") is "Succeeded" or "Failed")
        {
            return 0;
        }

        return Math.Max(0, asked ?? tree.Number("spec", "terminationGracePeriodSeconds") ?? 30);
    }

    /// <summary>The finalizers after the propagation policy was taken in.</summary>
    public static YamlMap WithPolicy(YamlMap tree, string? policy)
    {
        if (policy is null)
        {
            return tree;
        }

        var finalizers = (tree.At("metadata", "finalizers") as YamlList ?? YamlList.Empty)
            .Select(f => f.AsString() ?? "").Where(f => f is not (DeletionFinalizers.Foreground or DeletionFinalizers.Orphan)).ToList();
        if (policy == "Foreground")
        {
            finalizers.Add(DeletionFinalizers.Foreground);
        }
        else if (policy == "Orphan")
        {
            finalizers.Add(DeletionFinalizers.Orphan);
        }

        return finalizers.Count == 0
            ? tree.WithoutAt("metadata", "finalizers")
            : tree.WithAt(["metadata", "finalizers"], new YamlList(finalizers.Select(f => (YamlNode)f)));
    }
}
