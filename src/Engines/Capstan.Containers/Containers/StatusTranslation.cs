using System.Globalization;
using Docker.DotNet.Models;

namespace Capstan.Containers.Containers;

/// <summary>What the engine says of a container, in our words.</summary>
internal static class StatusTranslation
{
    private const int Killed = 128 + 9;

    public static ContainerSummary Summary(ContainerListResponse said) =>
        new(said.ID, (said.Names?.FirstOrDefault() ?? "").TrimStart('/'), Phase(said.State), Labels(said.Labels));

    public static ContainerStatus Status(ContainerInspectResponse said, bool sharesKernel)
    {
        var state = said.State ?? new State();
        return new ContainerStatus
        {
            Id = said.ID,
            Name = (said.Name ?? "").TrimStart('/'),
            Phase = Phase(state.Status),
            Labels = Labels(said.Config?.Labels),
            ImageId = said.Image ?? "",
            ExitCode = (int)state.ExitCode,
            OutOfMemory = state.OOMKilled || (sharesKernel && state is { Running: false, ExitCode: Killed } && KernelLog.EndedForMemory(said.ID)),
            Error = state.Error ?? "",
            StartedAt = Time(state.StartedAt),
            FinishedAt = Later(Time(state.StartedAt), Time(state.FinishedAt)),
            ProcessId = state.Pid,
            Addresses = (said.NetworkSettings?.Networks ?? new Dictionary<string, EndpointSettings>())
                .Where(n => !string.IsNullOrEmpty(n.Value?.IPAddress)).ToDictionary(n => n.Key, n => n.Value.IPAddress, StringComparer.Ordinal),
            HostPorts = (said.NetworkSettings?.Ports ?? new Dictionary<string, IList<PortBinding>>())
                .Where(p => p.Value is { Count: > 0 }).ToDictionary(p => p.Key, p => int.Parse(p.Value[0].HostPort, CultureInfo.InvariantCulture), StringComparer.Ordinal),
            MountSources = (said.Mounts ?? []).GroupBy(m => m.Destination, StringComparer.Ordinal).ToDictionary(m => m.Key, m => m.First().Source ?? "", StringComparer.Ordinal),
            Terminal = said.Config?.Tty == true,
        };
    }

    // Podman has words of its own: configured, initialized, stopped, stopping.
    private static ContainerPhase Phase(string? word) => word switch
    {
        "created" or "configured" or "initialized" => ContainerPhase.Created,
        "running" or "restarting" or "stopping" => ContainerPhase.Running,
        "paused" => ContainerPhase.Paused,
        "exited" or "stopped" or "dead" => ContainerPhase.Exited,
        _ => ContainerPhase.Other,
    };

    private static Dictionary<string, string> Labels(IDictionary<string, string>? labels) =>
        labels is null ? [] : new Dictionary<string, string>(labels, StringComparer.Ordinal);

    // Podman notes the start of what ended at once after its end.
    private static DateTimeOffset? Later(DateTimeOffset? start, DateTimeOffset? end) => end < start ? start : end;

    // Year 1 is Go's way of saying never.
    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && time.Year > 1970 ? time : null;
}
