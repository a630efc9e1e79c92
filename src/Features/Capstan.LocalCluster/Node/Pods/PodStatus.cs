using Capstan.Containers.Containers;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;
using Fields = Capstan.LocalCluster.Controllers.ObjectFields;

namespace Capstan.LocalCluster.Node.Pods;

/// <summary>A pod's status in kubelet's words (kubernetes, pkg/kubelet/kubelet_pods.go, status/generate.go): a function of what is known.</summary>
internal static class PodStatus
{
    private static readonly string[] OwnConditions = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"];

    public static YamlMap Of(PodSituation situation)
    {
        var before = situation.Pod.Status;
        var phase = Phase(situation);
        var status = before.With("phase", phase)
            .With("conditions", Conditions(situation, phase))
            .With("hostIP", situation.HostIp).With("hostIPs", YamlList.Create([YamlMap.Of(("ip", situation.HostIp))]))
            .Default("startTime", Fields.Timestamp(situation.Now))
            .Default("qosClass", "BestEffort");
        if (situation.PodIp.Length > 0)
        {
            status = status.With("podIP", situation.PodIp).With("podIPs", YamlList.Create([YamlMap.Of(("ip", situation.PodIp))]));
        }

        status = situation.FailedReason.Length > 0 ? status.With("reason", situation.FailedReason).With("message", situation.FailedMessage) : status;
        status = Statuses(situation, status, "initContainerStatuses", ContainerRole.Init, ContainerRole.Sidecar);
        status = Statuses(situation, status, "ephemeralContainerStatuses", ContainerRole.Ephemeral);
        return status.With("containerStatuses", new YamlList(situation.Entries.Where(e => e.Role == ContainerRole.Main).Select(e => (YamlNode)Container(situation, e))));
    }

    /// <summary>Whether every init container is done and every sidecar has started.</summary>
    public static bool IsInitialized(PodSituation situation) => Uninitialized(situation).Count == 0;

    /// <summary>Where the pod is in its life.</summary>
    public static string Phase(PodSituation situation)
    {
        if (situation.FailedReason.Length > 0 || situation.Pod.Status.Text("phase") is "Failed")
        {
            return "Failed";
        }

        if (situation.Pod.Status.Text("phase") == "Succeeded")
        {
            return "Succeeded";
        }

        var main = situation.Entries.Where(e => e.Role == ContainerRole.Main).Select(e => situation.Observed.Last(e.Name)).ToList();
        if (situation.RestartPolicy == "Never" && situation.Entries.Any(e => e.Role == ContainerRole.Init && situation.Observed.Last(e.Name) is { Phase: ContainerPhase.Exited, ExitCode: not 0 }))
        {
            return "Failed";
        }

        if (!IsInitialized(situation) && main.All(c => c is null) || main.Any(c => c is null or { Phase: ContainerPhase.Created }))
        {
            return "Pending";
        }

        if (situation.RestartPolicy == "Always" || main.Any(c => c!.Phase != ContainerPhase.Exited))
        {
            return "Running";
        }

        return main.All(c => c!.ExitCode == 0) ? "Succeeded" : situation.RestartPolicy == "Never" ? "Failed" : "Running";
    }

    private static List<string> Uninitialized(PodSituation situation)
    {
        // Once a main container has run, what came before it was done.
        if (situation.Entries.Any(e => e.Role == ContainerRole.Main && situation.Observed.Last(e.Name) is not null))
        {
            return [];
        }

        return [.. situation.Entries.Where(e => e.Role switch
        {
            ContainerRole.Init => situation.Observed.Last(e.Name) is not { Phase: ContainerPhase.Exited, ExitCode: 0 },
            ContainerRole.Sidecar => !IsStarted(situation, e),
            _ => false,
        }).Select(e => e.Name)];
    }

    private static bool IsStarted(PodSituation situation, ContainerEntry entry) =>
        situation.Observed.IsRunning(entry.Name) && situation.Memory.TryGetValue(entry.Name, out var memory) && memory.Started;

    private static bool IsReady(PodSituation situation, ContainerEntry entry) => entry.Role == ContainerRole.Init
        ? situation.Observed.Last(entry.Name) is { Phase: ContainerPhase.Exited, ExitCode: 0 }
        : entry.Role != ContainerRole.Ephemeral && IsStarted(situation, entry) && situation.Memory[entry.Name].Ready;

    private static YamlList Conditions(PodSituation situation, string phase)
    {
        var uninitialized = Uninitialized(situation);
        var done = phase is "Succeeded" or "Failed";
        var unready = situation.Entries.Where(e => e.Role is ContainerRole.Main or ContainerRole.Sidecar && !IsReady(situation, e)).Select(e => e.Name).ToList();
        var (reason, message) = phase switch
        {
            "Succeeded" => ("PodCompleted", ""),
            "Failed" => ("PodFailed", ""),
            _ when unready.Count > 0 => ("ContainersNotReady", $"containers with unready status: [{string.Join(' ', unready)}]"),
            _ => ("", ""),
        };
        var gates = situation.Pod.Spec.Maps("readinessGates").Select(g => g.Text("conditionType")).Where(g => Known(situation, g)?.Text("status") != "True").ToList();
        var (readyReason, readyMessage) = reason.Length == 0 && gates.Count > 0
            ? ("ReadinessGatesNotReady", $"corresponding condition of pod readiness gate \"{gates[0]}\" does not exist or is not True.")
            : (reason, message);
        List<YamlNode> conditions =
        [
            Condition(situation, "PodReadyToStartContainers", situation.Observed.Sandbox is { Phase: ContainerPhase.Running }, "", ""),
            uninitialized.Count == 0 || done
                ? Condition(situation, "Initialized", true, phase == "Succeeded" ? "PodCompleted" : "", "")
                : Condition(situation, "Initialized", false, "ContainersNotInitialized", $"containers with incomplete status: [{string.Join(' ', uninitialized)}]"),
            Condition(situation, "Ready", readyReason.Length == 0, readyReason, readyMessage),
            Condition(situation, "ContainersReady", reason.Length == 0, reason, message),
            Condition(situation, "PodScheduled", true, "", ""),
        ];
        conditions.AddRange(situation.Pod.Status.Maps("conditions").Where(c => !OwnConditions.Contains(c.Text("type"))));
        return new YamlList(conditions);
    }

    private static YamlMap? Known(PodSituation situation, string type) => situation.Pod.Status.Maps("conditions").FirstOrDefault(c => c.Text("type") == type);

    private static YamlMap Condition(PodSituation situation, string type, bool holds, string reason, string message)
    {
        var status = holds ? "True" : "False";
        var known = Known(situation, type);
        var since = known?.Text("status") == status && known.Text("lastTransitionTime") is { Length: > 0 } then ? then : Fields.Timestamp(situation.Now);
        var condition = YamlMap.Of(("type", type), ("status", status), ("lastProbeTime", YamlScalar.Null), ("lastTransitionTime", since));
        condition = reason.Length == 0 ? condition : condition.With("reason", reason);
        return message.Length == 0 ? condition : condition.With("message", message);
    }

    private static YamlMap Statuses(PodSituation situation, YamlMap status, string field, params ContainerRole[] roles)
    {
        var entries = situation.Entries.Where(e => roles.Contains(e.Role)).ToList();
        return entries.Count > 0 ? status.With(field, new YamlList(entries.Select(e => (YamlNode)Container(situation, e)))) : status;
    }

    private static YamlMap Container(PodSituation situation, ContainerEntry entry)
    {
        var last = situation.Observed.Last(entry.Name);
        var memory = situation.Memory.GetValueOrDefault(entry.Name);
        var (state, lastState) = States(situation, entry, last, memory);
        return YamlMap.Of(
            ("name", entry.Name),
            ("state", state),
            ("lastState", lastState),
            ("ready", IsReady(situation, entry)),
            ("restartCount", (long)(last?.AttemptOf() ?? 0)),
            ("image", entry.Image),
            ("imageID", last?.ImageId ?? ""),
            ("containerID", last is null ? "" : Id(situation, last)),
            ("started", entry.Role == ContainerRole.Init ? situation.Observed.IsRunning(entry.Name) : IsStarted(situation, entry)));
    }

    private static (YamlMap State, YamlMap LastState) States(PodSituation situation, ContainerEntry entry, ContainerStatus? last, ContainerMemory? memory)
    {
        var waiting = memory?.Waiting ?? "";
        if (last is null or { Phase: ContainerPhase.Created })
        {
            var usual = PodStatus.IsInitialized(situation) || entry.Role != ContainerRole.Main ? FirstWaiting(situation, entry) : "PodInitializing";
            return (Waiting(waiting.Length == 0 ? usual : waiting, memory?.Message ?? ""), YamlMap.Empty);
        }

        var previous = situation.Observed.Previous(entry.Name) is { Phase: ContainerPhase.Exited } earlier ? YamlMap.Of(("terminated", Ended(situation, earlier))) : YamlMap.Empty;
        if (last.Phase != ContainerPhase.Exited)
        {
            return (YamlMap.Of(("running", YamlMap.Of(("startedAt", Fields.Timestamp(last.StartedAt ?? situation.Now))))), previous);
        }

        var ended = YamlMap.Of(("terminated", Ended(situation, last)));
        return waiting.Length > 0 ? (Waiting(waiting, memory!.Message), ended) : (ended, previous);
    }

    // An init container that waits for the one before it.
    private static string FirstWaiting(PodSituation situation, ContainerEntry entry) =>
        entry.Role is ContainerRole.Main or ContainerRole.Ephemeral || Uninitialized(situation) is [var first, ..] && first == entry.Name ? "ContainerCreating" : "PodInitializing";

    private static YamlMap Waiting(string reason, string message)
    {
        var waiting = YamlMap.Of(("reason", reason));
        return YamlMap.Of(("waiting", message.Length == 0 ? waiting : waiting.With("message", message)));
    }

    private static YamlMap Ended(PodSituation situation, ContainerStatus container)
    {
        var ended = YamlMap.Of(
            ("exitCode", (long)container.ExitCode),
            ("reason", container.OutOfMemory ? "OOMKilled" : container.ExitCode == 0 ? "Completed" : "Error"),
            ("startedAt", Fields.Timestamp(container.StartedAt ?? situation.Now)),
            ("finishedAt", Fields.Timestamp(container.FinishedAt ?? situation.Now)),
            ("containerID", Id(situation, container)));
        return situation.Messages.TryGetValue(container.Id, out var message) && message.Length > 0 ? ended.With("message", message) : ended;
    }

    private static string Id(PodSituation situation, ContainerStatus container) => $"{situation.Runtime}://{container.Id}";
}
