using Capstan.Yaml;

namespace Capstan.LocalCluster.Controllers.Workloads;

/// <summary>How far a rolling update may go beyond and below the wanted number of pods.</summary>
/// <param name="MaxSurge">Pods more than wanted.</param>
/// <param name="MaxUnavailable">Pods fewer than wanted that are available.</param>
internal readonly record struct RollingUpdate(int MaxSurge, int MaxUnavailable)
{
    /// <summary>Reads a Deployment's strategy; percentages are of the replicas, surge rounded up, unavailable rounded down (Kubernetes,
    /// ResolveFenceposts). When both come out as 0, one pod may be unavailable, or nothing would ever move.</summary>
    public static RollingUpdate Of(YamlMap deploymentSpec)
    {
        var replicas = deploymentSpec.Int(1, "replicas");
        var surge = Number(deploymentSpec.At("strategy", "rollingUpdate", "maxSurge"), replicas, up: true);
        var unavailable = Number(deploymentSpec.At("strategy", "rollingUpdate", "maxUnavailable"), replicas, up: false);
        return surge == 0 && unavailable == 0 ? new(0, 1) : new(surge, unavailable);
    }

    private static int Number(YamlNode? node, int replicas, bool up)
    {
        if (node is YamlScalar scalar && scalar.TryGetInteger(out var number))
        {
            return (int)Math.Clamp(number, 0, int.MaxValue);
        }

        var text = node?.AsString() ?? "25%";
        if (!text.EndsWith('%') || !int.TryParse(text[..^1], out var percent))
        {
            percent = 25;
        }

        var exact = replicas * (double)Math.Max(percent, 0) / 100;
        return (int)(up ? Math.Ceiling(exact) : Math.Floor(exact));
    }
}
