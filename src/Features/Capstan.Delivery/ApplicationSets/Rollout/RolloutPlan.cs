using System.Globalization;
using Capstan.Delivery.Applications;
using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets.Rollout;

/// <summary>How far a rollout is with one Application, as Argo CD writes it in <c>status.applicationStatus</c>.</summary>
/// <param name="Application">Its name.</param>
/// <param name="Status"><c>Waiting</c>, <c>Pending</c>, <c>Progressing</c> or <c>Healthy</c>.</param>
/// <param name="Step">The number of its step from 1; -1 when it is in none.</param>
/// <param name="Message">Why it is so.</param>
/// <param name="Since">Since when.</param>
/// <param name="Revisions">The commits that it is about.</param>
internal sealed record ApplicationRollout(string Application, string Status, int Step, string Message, DateTimeOffset Since, IReadOnlyList<string> Revisions)
{
    public const string Waiting = "Waiting";
    public const string Pending = "Pending";
    public const string Progressing = "Progressing";
    public const string Healthy = "Healthy";

    public YamlMap Write() => YamlMap.Of(
        ("application", Application), ("lastTransitionTime", StatusWriter.Time(Since)), ("message", Message), ("status", Status),
        ("step", Step.ToString(CultureInfo.InvariantCulture)), ("targetRevisions", new YamlList(Revisions.Select(r => (YamlNode)r))));

    public static ApplicationRollout? Read(YamlMap map) => map["application"]?.AsString() is { Length: > 0 } name
        ? new ApplicationRollout(
            name, map["status"]?.AsString() ?? Waiting, int.TryParse(map["step"]?.AsString(), CultureInfo.InvariantCulture, out var step) ? step : -1,
            map["message"]?.AsString() ?? "", StatusReader.Time(map["lastTransitionTime"]) ?? DateTimeOffset.MinValue,
            [.. (map["targetRevisions"] as YamlList ?? YamlList.Empty).Select(r => r.AsString() ?? "")])
        : null;
}

/// <summary>What is seen of a live Application.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Labels">The labels that the set gives it.</param>
/// <param name="Status">Its status.</param>
/// <param name="HasOperation">Whether an operation was asked for that has not begun.</param>
internal sealed record RolloutView(string Name, YamlMap Labels, YamlMap Status, bool HasOperation)
{
    public string Sync => Status.At("sync", "status")?.AsString() ?? "";

    public string Health => Status.At("health", "status")?.AsString() ?? "";

    public string Phase => Status.At("operationState", "phase")?.AsString() ?? "";

    public DateTimeOffset? StartedAt => StatusReader.Time(Status.At("operationState", "startedAt"));

    public IReadOnlyList<string> Revisions => RevisionsOf(Status["sync"]);

    /// <summary>Whether the last operation is that of a change that waits since a moment: it began no earlier, and was about the commits that are there now.
    /// Both are asked, since times are written to the second.</summary>
    public bool HasOperationSince(DateTimeOffset moment) =>
        StartedAt >= moment && (RevisionsOf(Status.At("operationState", "syncResult")) is not { Count: > 0 } synced || synced.SequenceEqual(Revisions));

    private static IReadOnlyList<string> RevisionsOf(YamlNode? at) => at is not YamlMap map ? []
        : map["revisions"] is YamlList { Count: > 0 } several ? [.. several.Select(r => r.AsString() ?? "")]
        : map["revision"]?.AsString() is { Length: > 0 } one ? [one] : [];

    /// <summary>Whether it is where it should be, and well.</summary>
    public bool IsDone => Health == "Healthy" && Sync is not ("OutOfSync" or "Unknown" or "") && Phase is "Succeeded" or "";
}

/// <summary>The next move of a rollout.</summary>
/// <param name="Applications">How far it is with each.</param>
/// <param name="Starts">The Applications to be synced now.</param>
internal sealed record RolloutMove(IReadOnlyList<ApplicationRollout> Applications, IReadOnlyList<string> Starts)
{
    /// <summary>Whether all that are in a step have arrived.</summary>
    public bool IsComplete => Applications.All(a => a.Step < 0 || a.Status == ApplicationRollout.Healthy);
}

/// <summary>
/// Plans a rollout. Each Application goes from Waiting (a change is there) over Pending (it may sync) and Progressing (it synced) to Healthy;
/// one goes on to Pending when all of the steps before are Healthy and fewer than <c>maxUpdate</c> of its step are on the way.
/// </summary>
internal static class RolloutPlan
{
    public static RolloutMove Next(RollingSync rolling, IReadOnlyList<RolloutView> applications, IReadOnlyList<ApplicationRollout> before, DateTimeOffset now)
    {
        // Times are written to the second, and so are those that they are compared with.
        now = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
        var known = before.GroupBy(b => b.Application).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        var moved = applications.Select(a => Look(a, known.GetValueOrDefault(a.Name), rolling.StepOf(a.Labels), now)).ToList();
        Advance(rolling, moved, now);
        var starts = applications.Zip(moved)
            .Where(p => p.Second is { Status: ApplicationRollout.Pending, Step: > 0 } && !p.First.HasOperation && p.First.Phase != "Running" && p.First.Sync == "OutOfSync"
                && !p.First.HasOperationSince(p.Second.Since))
            .Select(p => p.First.Name).ToList();
        return new RolloutMove(moved, starts);
    }

    private static ApplicationRollout Look(RolloutView seen, ApplicationRollout? before, int step, DateTimeOffset now)
    {
        var number = step < 0 ? -1 : step + 1;
        var state = (before ?? new ApplicationRollout(seen.Name, ApplicationRollout.Waiting, number, "No Application status found, defaulting status to Waiting.", now, [])) with { Step = number };
        if (!state.Revisions.SequenceEqual(seen.Revisions))
        {
            state = state with { Revisions = seen.Revisions };
            if (before is not null && seen.Sync == "OutOfSync" && state.Status != ApplicationRollout.Waiting)
            {
                state = To(state, ApplicationRollout.Waiting, "Application has pending changes, setting status to Waiting.", now);
            }
        }

        if (seen.Sync == "OutOfSync" && state.Status is not (ApplicationRollout.Waiting or ApplicationRollout.Pending) && seen.Phase != "Running"
            && !(state.Status == ApplicationRollout.Progressing && seen.Phase is "Failed" or "Error"))
        {
            state = To(state, ApplicationRollout.Waiting, "Application has pending changes, setting status to Waiting.", now);
        }

        if (state.Status == ApplicationRollout.Pending && seen.HasOperationSince(state.Since) && seen.Phase.Length > 0)
        {
            state = seen.Phase is "Failed" or "Error"
                ? To(state, ApplicationRollout.Progressing, "Application resource failed to sync, updating status from Pending to Progressing.", now)
                : To(state, ApplicationRollout.Progressing, seen.Phase == "Succeeded"
                    ? "Application resource completed a sync, updating status from Pending to Progressing."
                    : "Application resource became Progressing, updating status from Pending to Progressing.", now);
        }

        return state.Status != ApplicationRollout.Healthy && seen.IsDone
            ? To(state, ApplicationRollout.Healthy, state.Status == ApplicationRollout.Progressing
                ? "Application resource became Healthy, updating status from Progressing to Healthy."
                : $"Application resource is already Healthy, updating status from {state.Status} to Healthy.", now)
            : state;
    }

    private static void Advance(RollingSync rolling, List<ApplicationRollout> moved, DateTimeOffset now)
    {
        for (var step = 1; step <= rolling.Steps.Count; step++)
        {
            var inStep = moved.Where(m => m.Step == step).ToList();
            var room = rolling.Steps[step - 1].Most(inStep.Count) - inStep.Count(m => m.Status is ApplicationRollout.Pending or ApplicationRollout.Progressing);
            for (var i = 0; i < moved.Count && room > 0; i++)
            {
                if (moved[i].Step == step && moved[i].Status == ApplicationRollout.Waiting)
                {
                    moved[i] = To(moved[i], ApplicationRollout.Pending, "Application moved to Pending status, watching for the Application resource to start Progressing.", now);
                    room--;
                }
            }

            if (moved.Any(m => m.Step == step && m.Status != ApplicationRollout.Healthy))
            {
                return;
            }
        }
    }

    private static ApplicationRollout To(ApplicationRollout state, string status, string message, DateTimeOffset now) => state with { Status = status, Message = message, Since = now };
}
