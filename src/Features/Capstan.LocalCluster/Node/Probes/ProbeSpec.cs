using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Node.Probes;

/// <summary>How a container is asked.</summary>
internal sealed record ProbeSpec(YamlMap Action, TimeSpan InitialDelay, TimeSpan Period, TimeSpan Timeout, int SuccessThreshold, int FailureThreshold)
{
    /// <summary>A probe of a container; null when it has none of that name.</summary>
    public static ProbeSpec? Of(YamlMap container, string name) => container[name] is not YamlMap probe ? null : new ProbeSpec(
        probe,
        Seconds(probe, "initialDelaySeconds", 0, 0),
        Seconds(probe, "periodSeconds", 10, 1),
        Seconds(probe, "timeoutSeconds", 1, 1),
        (int)Math.Max(1, probe.Number("successThreshold") ?? 1),
        (int)Math.Max(1, probe.Number("failureThreshold") ?? 3));

    private static TimeSpan Seconds(YamlMap probe, string field, long otherwise, long least) =>
        TimeSpan.FromSeconds(Math.Clamp(probe.Number(field) ?? otherwise, least, 86_400));
}

/// <summary>What a probe or hook found.</summary>
/// <param name="Succeeded">Whether all is well.</param>
/// <param name="Message">What is not.</param>
internal readonly record struct ProbeResult(bool Succeeded, string Message)
{
    public static readonly ProbeResult Success = new(true, "");

    public static ProbeResult Failure(string message) => new(false, message);
}
