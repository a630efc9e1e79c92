using Capstan.Delivery.Applications;

namespace Capstan.Delivery.Projects.Windows;

/// <summary>One sync window of a project: when syncs of some Applications are allowed, or denied.</summary>
/// <param name="IsDeny">Whether it denies.</param>
/// <param name="Schedule">When it begins.</param>
/// <param name="Duration">How long it is open.</param>
internal sealed record SyncWindow(bool IsDeny, WindowSchedule Schedule, TimeSpan Duration)
{
    /// <summary>Names of Applications that it is about.</summary>
    public IReadOnlyList<ProjectPattern> Applications { get; init; } = [];

    /// <summary>Namespaces of destinations that it is about.</summary>
    public IReadOnlyList<ProjectPattern> Namespaces { get; init; } = [];

    /// <summary>Clusters, by name or address, that it is about.</summary>
    public IReadOnlyList<ProjectPattern> Clusters { get; init; } = [];

    /// <summary>Whether all of the lists that are given have to match; else one is enough.</summary>
    public bool NeedsAll { get; init; }

    /// <summary>Whether a person may sync against it.</summary>
    public bool ManualSync { get; init; }

    /// <summary>Whether a sync that began rightly may go on against it.</summary>
    public bool Overrun { get; init; }

    /// <summary>Whether it is about an Application (Argo CD, user-guide/sync_windows.md).</summary>
    /// <param name="application">The Application.</param>
    /// <param name="server">The address of its cluster.</param>
    public bool Matches(Application application, string server)
    {
        var cluster = application.Destination.IsOwnCluster ? "in-cluster" : application.Destination.Name;
        bool?[] answers =
        [
            Applications.Count == 0 ? null : Applications.Any(p => p.Matches(application.Object.Name) || p.Matches(application.Key.ToString())),
            Namespaces.Count == 0 ? null : Namespaces.Any(p => p.Matches(application.Destination.Namespace)),
            Clusters.Count == 0 ? null : Clusters.Any(p => p.Matches(server) || (cluster.Length > 0 && p.Matches(cluster))),
        ];
        return NeedsAll ? answers.Any(a => a is not null) && answers.All(a => a != false) : answers.Any(a => a == true);
    }

    /// <summary>When it opened, if it is open now; null when it is not.</summary>
    public DateTimeOffset? OpenSince(DateTimeOffset now) => Schedule.NextAfter(now - Duration) is { } start && start <= now ? start : null;

    /// <summary>When it opens or closes next; null when it never will.</summary>
    public DateTimeOffset? NextChange(DateTimeOffset now) => OpenSince(now) is { } since ? since + Duration : Schedule.NextAfter(now);

    /// <summary>The window in words: <c>deny window "0 22 * * *" for 8h (Europe/Berlin)</c>.</summary>
    public override string ToString() => $"{(IsDeny ? "deny" : "allow")} window \"{Schedule.Text}\" for {DurationText.Of(Duration)} ({Schedule.Zone.Id})";
}
