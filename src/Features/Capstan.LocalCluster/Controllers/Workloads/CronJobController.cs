using System.Globalization;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Controllers.Workloads;

/// <summary>Starts the Jobs of a CronJob when their time comes, as kube-controller-manager's cronjob controller does.</summary>
internal sealed class CronJobController : IController
{
    // Kubernetes gives up counting after this many missed starts and takes the newest one.
    private const int MostMissed = 100;

    public GroupKind Kind => Kinds.CronJob;

    public IReadOnlyList<GroupKind> Owns { get; } = [Kinds.Job];

    public ControllerPlan Plan(KubernetesObject subject, IClusterView view, DateTimeOffset now)
    {
        if (subject.DeletionTimestamp is not null || Schedule(subject) is not { } schedule)
        {
            return ControllerPlan.Nothing;
        }

        var jobs = view.ControlledBy(Kinds.Job, subject.Namespace, subject.Uid).ToList();
        var active = jobs.Where(j => j.DeletionTimestamp is null && Ended(j) is null).ToList();
        var writes = Surplus(subject, jobs).ToList();
        var status = Status(subject, jobs, active);
        var next = Start(subject, view, schedule, active, now, writes, ref status);
        if (!status.Equals(subject.Status))
        {
            writes.Add(new ObjectWrite.UpdateStatus(subject.With(["status"], status)));
        }

        return new ControllerPlan(writes, next is { } at ? Max(at - now, TimeSpan.FromMilliseconds(100)) : null);
    }

    // The next time to look again.
    private static DateTimeOffset? Start(
        KubernetesObject subject, IClusterView view, (CronSchedule Cron, TimeZoneInfo Zone) schedule, List<KubernetesObject> active, DateTimeOffset now, List<ObjectWrite> writes, ref YamlMap status)
    {
        if (subject.Spec.Flag("suspend"))
        {
            return null;
        }

        var next = schedule.Cron.After(now, schedule.Zone);
        if (Due(subject, schedule, now) is not { } due)
        {
            return next;
        }

        var policy = subject.Spec.Text("concurrencyPolicy");
        if (policy == "Forbid" && active.Count > 0)
        {
            return next;
        }

        if (policy == "Replace")
        {
            writes.AddRange(active.Select(j => new ObjectWrite.Delete(j)));
        }

        var job = Job(subject, due);
        if (view.Get(job.Key) is null)
        {
            writes.Add(new ObjectWrite.Create(job));
        }

        status = status.With("lastScheduleTime", ObjectFields.Timestamp(due));
        return next;
    }

    // The newest time that has passed and was not started, unless it is too late for it.
    private static DateTimeOffset? Due(KubernetesObject subject, (CronSchedule Cron, TimeZoneInfo Zone) schedule, DateTimeOffset now)
    {
        var from = ObjectFields.ReadTimestamp(subject.Status.Text("lastScheduleTime")) ?? subject.CreatedAt() ?? now;
        if (subject.Spec["startingDeadlineSeconds"] is YamlScalar deadline && deadline.TryGetInteger(out var seconds))
        {
            var earliest = now.AddSeconds(-Math.Clamp(seconds, 0, int.MaxValue));
            from = from < earliest ? earliest : from;
        }

        DateTimeOffset? due = null;
        for (var missed = 0; missed < MostMissed && schedule.Cron.After(due ?? from, schedule.Zone) is { } at && at <= now; missed++)
        {
            due = at;
        }

        return due;
    }

    private static KubernetesObject Job(KubernetesObject subject, DateTimeOffset due)
    {
        var template = subject.Spec["jobTemplate"] as YamlMap ?? YamlMap.Empty;
        var annotations = (template.At("metadata", "annotations") as YamlMap ?? YamlMap.Empty)
            .With("batch.kubernetes.io/cronjob-scheduled-timestamp", ObjectFields.Timestamp(due));
        var metadata = YamlMap.Of(
            ("name", string.Create(CultureInfo.InvariantCulture, $"{subject.Name}-{due.ToUnixTimeSeconds() / 60}")),
            ("namespace", subject.Namespace),
            ("annotations", annotations));
        metadata = template.At("metadata", "labels") is { } labels ? metadata.With("labels", labels) : metadata;
        return new KubernetesObject(YamlMap.Of(
            ("apiVersion", "batch/v1"), ("kind", "Job"), ("metadata", metadata), ("spec", template["spec"] ?? YamlMap.Empty))).ControlledBy(subject);
    }

    private static YamlMap Status(KubernetesObject subject, List<KubernetesObject> jobs, List<KubernetesObject> active)
    {
        var status = subject.Status.Without("active");
        if (active.Count > 0)
        {
            status = status.With("active", new YamlList(active.OrderBy(j => j.Name, StringComparer.Ordinal).Select(j => (YamlNode)YamlMap.Of(
                ("apiVersion", "batch/v1"), ("kind", "Job"), ("name", j.Name), ("namespace", j.Namespace), ("uid", j.Uid)))));
        }

        var done = jobs.Where(j => Ended(j) == "Complete").Select(j => j.Status.Text("completionTime")).Max(StringComparer.Ordinal);
        return done is { Length: > 0 } && string.CompareOrdinal(done, status.Text("lastSuccessfulTime")) > 0 ? status.With("lastSuccessfulTime", done) : status;
    }

    private static IEnumerable<ObjectWrite> Surplus(KubernetesObject subject, List<KubernetesObject> jobs)
    {
        var (complete, failed) = (subject.Spec.Int(3, "successfulJobsHistoryLimit"), subject.Spec.Int(1, "failedJobsHistoryLimit"));
        foreach (var (type, limit) in new[] { ("Complete", complete), ("Failed", failed) })
        {
            var ended = jobs.Where(j => j.DeletionTimestamp is null && Ended(j) == type).OrderBy(j => j.CreatedAt()).ThenBy(j => j.Name, StringComparer.Ordinal).ToList();
            foreach (var job in ended.Take(Math.Max(0, ended.Count - limit)))
            {
                yield return new ObjectWrite.Delete(job);
            }
        }
    }

    private static string? Ended(KubernetesObject job) =>
        job.Condition("Complete")?.Text("status") == "True" ? "Complete" : job.Condition("Failed")?.Text("status") == "True" ? "Failed" : null;

    // Null for what validation would not have let in, but an older server did.
    private static (CronSchedule, TimeZoneInfo)? Schedule(KubernetesObject subject)
    {
        try
        {
            var zone = subject.Spec.Text("timeZone") is { Length: > 0 } name ? TimeZoneInfo.FindSystemTimeZoneById(name) : TimeZoneInfo.Utc;
            return (CronSchedule.Parse(subject.Spec.Text("schedule")), zone);
        }
        catch (Exception error) when (error is FormatException or TimeZoneNotFoundException or InvalidTimeZoneException)
        {
            return null;
        }
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
