using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Controllers.Workloads;

/// <summary>Runs the pods of a Job until enough of them succeeded, as kube-controller-manager's job controller does.</summary>
internal sealed class JobController : IController
{
    public GroupKind Kind => Kinds.Job;

    public IReadOnlyList<GroupKind> Owns { get; } = [Kinds.Pod];

    public ControllerPlan Plan(KubernetesObject subject, IClusterView view, DateTimeOffset now)
    {
        var finished = Finished(subject);
        if (finished is { } end)
        {
            return Expire(subject, end, now);
        }

        if (subject.DeletionTimestamp is not null)
        {
            return ControllerPlan.Nothing;
        }

        var pods = view.ControlledBy(Kinds.Pod, subject.Namespace, subject.Uid);
        var run = JobRun.Of(subject, pods);
        var writes = new List<ObjectWrite>();
        var verdict = Verdict(subject, run, now);
        var suspended = subject.Spec.Flag("suspend");
        if (verdict is not null || suspended)
        {
            writes.AddRange(run.Active.Select(p => new ObjectWrite.Delete(p)));
        }
        else
        {
            Scale(subject, run, writes);
        }

        var status = Status(subject, run, verdict, suspended, now);
        if (!status.Equals(subject.Status))
        {
            writes.Add(new ObjectWrite.UpdateStatus(subject.With(["status"], status)));
        }

        return new ControllerPlan(writes, Deadline(subject, now));
    }

    private static void Scale(KubernetesObject subject, JobRun run, List<ObjectWrite> writes)
    {
        var missing = run.WantedActive - run.Active.Count;
        var template = subject.Spec["template"] as YamlMap ?? YamlMap.Empty;
        for (var i = 0; i < missing; i++)
        {
            writes.Add(new ObjectWrite.Create(PodState.FromTemplate(subject, template)));
        }

        writes.AddRange(run.Active.Take(Math.Max(0, -missing)).Select(p => new ObjectWrite.Delete(p)));
    }

    private static (string Type, string Reason, string Message)? Verdict(KubernetesObject subject, JobRun run, DateTimeOffset now)
    {
        if (run.Failed > subject.Spec.Int(6, "backoffLimit"))
        {
            return ("Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit");
        }

        if (DeadlineOf(subject) is { } deadline && deadline <= now)
        {
            return ("Failed", "DeadlineExceeded", "Job was active longer than specified deadline");
        }

        return run.IsComplete ? ("Complete", "CompletionsReached", "Reached expected number of succeeded pods") : null;
    }

    private static YamlMap Status(
        KubernetesObject subject, JobRun run, (string Type, string Reason, string Message)? verdict, bool suspended, DateTimeOffset now)
    {
        var stamp = ObjectFields.Timestamp(now);
        var status = new YamlMapBuilder();
        var conditions = (subject.Status["conditions"] as YamlList ?? YamlList.Empty).Where(c => c is YamlMap map && map.Text("type") != "Suspended").ToList();
        if (suspended)
        {
            var known = subject.Condition("Suspended");
            conditions.Add(known?.Text("status") == "True" ? known : Condition("Suspended", "JobSuspended", "Job suspended", stamp));
        }
        else
        {
            status.Set("startTime", subject.Status["startTime"] ?? stamp);
        }

        var active = verdict is null && !suspended ? Math.Max(run.WantedActive, 0) : 0;
        Count("active", active);
        Count("ready", run.Active.Count(PodState.IsReady), always: true);
        Count("succeeded", run.Succeeded);
        Count("failed", run.Failed);
        if (verdict is { } end)
        {
            conditions.Add(Condition(end.Type, end.Reason, end.Message, stamp));
            if (end.Type == "Complete")
            {
                status.Set("completionTime", stamp);
            }
        }

        if (conditions.Count > 0)
        {
            status.Set("conditions", new YamlList(conditions));
        }

        return status.ToMap();

        void Count(string field, int number, bool always = false)
        {
            if (number > 0 || always)
            {
                status.Set(field, (long)number);
            }
        }
    }

    private static YamlMap Condition(string type, string reason, string message, string stamp) => YamlMap.Of(
        ("type", type), ("status", "True"), ("lastProbeTime", stamp), ("lastTransitionTime", stamp), ("reason", reason), ("message", message));

    private static DateTimeOffset? Finished(KubernetesObject subject)
    {
        var end = subject.Condition("Complete") ?? subject.Condition("Failed");
        return end?.Text("status") == "True" ? ObjectFields.ReadTimestamp(end.Text("lastTransitionTime")) : null;
    }

    private static ControllerPlan Expire(KubernetesObject subject, DateTimeOffset end, DateTimeOffset now)
    {
        if (subject.DeletionTimestamp is not null || subject.Spec["ttlSecondsAfterFinished"] is not YamlScalar ttl || !ttl.TryGetInteger(out var seconds))
        {
            return ControllerPlan.Nothing;
        }

        var left = end.AddSeconds(Math.Clamp(seconds, 0, int.MaxValue)) - now;
        return left <= TimeSpan.Zero ? new ControllerPlan([new ObjectWrite.Delete(subject)]) : new ControllerPlan([], left);
    }

    private static DateTimeOffset? DeadlineOf(KubernetesObject subject) =>
        subject.Spec.Int(0, "activeDeadlineSeconds") is > 0 and var seconds
            && ObjectFields.ReadTimestamp(subject.Status.Text("startTime")) is { } start
            ? start.AddSeconds(seconds)
            : null;

    private static TimeSpan? Deadline(KubernetesObject subject, DateTimeOffset now) =>
        DeadlineOf(subject) is { } deadline && deadline > now ? deadline - now : null;
}
