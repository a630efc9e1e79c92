using System.Diagnostics;
using Capstan.Delivery.Applications;
using Capstan.Delivery.Health;

namespace Capstan.Delivery.Controllers;

/// <summary>What began the work on an Application: a push, as its trace knows it.</summary>
/// <param name="Context">The push within its trace.</param>
/// <param name="At">When the engine was told of it.</param>
internal sealed record PushTrace(ActivityContext Context, DateTimeOffset At);

/// <summary>Follows a push through the engine for whoever listens to activities: reconcile, with render, compare and each wave within, and at the end
/// <c>ready</c>, which lasts from the push until the Application is Synced and Healthy. Work that no push began is not traced, and nothing is without a listener.</summary>
internal static class PushTraces
{
    /// <summary>The name under which a listener finds these activities.</summary>
    public const string SourceName = "Capstan.Delivery";

    /// <summary>A push that led to nothing by then is not waited for any more.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>The push that is handled just now; null where nobody follows it.</summary>
    public static PushTrace? OfNow(TimeProvider time) => Source.HasListeners() && Activity.Current is { Recorded: true } push ? new PushTrace(push.Context, time.GetUtcNow()) : null;

    /// <summary>Work on an Application that a push began; null where none did.</summary>
    public static Activity? Reconcile(ApplicationState state) => state.Push is { } push
        ? Source.StartActivity("reconcile", ActivityKind.Internal, push.Context)?.SetTag("capstan.application", state.Key.ToString())
        : null;

    /// <summary>A part of that work; null where it is not followed.</summary>
    public static Activity? Step(string name) => Activity.Current?.Source == Source ? Source.StartActivity(name) : null;

    /// <summary>Tells that an Application has come to rest, when it has.</summary>
    public static void Settle(ApplicationState state, TimeProvider time)
    {
        if (state.Push is not { } push) return;
        var (status, now) = (state.Status, time.GetUtcNow());
        if (status is { Sync: SyncCode.Synced, Health: AggregateHealth.Healthy, Operation: null or { IsFinished: true } })
        {
            state.Push = null;
            using var ready = Source.StartActivity("ready", ActivityKind.Internal, push.Context, startTime: push.At);
            ready?.SetTag("capstan.application", state.Key.ToString()).SetTag("vcs.ref.head.revision", status.Revision).SetEndTime(now.UtcDateTime);
        }
        else if (now - push.At > Longest)
        {
            state.Push = null;
        }
    }
}
