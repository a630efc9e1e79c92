namespace Capstan.Delivery.Projects.Windows;

/// <summary>Whether the sync windows of a project let an Application be synced now.</summary>
/// <param name="Allowed">Whether the engine may sync by itself.</param>
/// <param name="ManualAllowed">Whether a person may.</param>
/// <param name="Reason">Which window is against it; empty when none is.</param>
/// <param name="Until">When that may change; null when never.</param>
internal sealed record WindowDecision(bool Allowed, bool ManualAllowed, string Reason, DateTimeOffset? Until)
{
    private static readonly WindowDecision Free = new(true, true, "", null);

    /// <summary>Decides (Argo CD, pkg/apis/application/v1alpha1/types.go CanSync).</summary>
    /// <param name="windows">The windows that are about the Application.</param>
    /// <param name="now">The time.</param>
    public static WindowDecision Of(IReadOnlyList<SyncWindow> windows, DateTimeOffset now)
    {
        if (windows.Count == 0)
        {
            return Free;
        }

        var until = windows.Select(w => w.NextChange(now)).Where(t => t is not null).Order().FirstOrDefault();
        var denies = windows.Where(w => w.IsDeny && w.OpenSince(now) is not null).ToList();
        if (denies.Count > 0)
        {
            return new WindowDecision(false, denies.All(w => w.ManualSync), $"the {denies[0]} is open", until);
        }

        var allows = windows.Where(w => !w.IsDeny).ToList();
        return allows.Count == 0 || allows.Any(w => w.OpenSince(now) is not null)
            ? Free with { Until = until }
            : new WindowDecision(false, allows.All(w => w.ManualSync), $"no allow window is open, as the {allows[0]}", until);
    }

    /// <summary>Whether a sync that runs may go on: it was allowed when it began, and what stands against it now lets it overrun.</summary>
    /// <param name="windows">The windows that are about the Application.</param>
    /// <param name="startedAt">When the sync began.</param>
    /// <param name="now">The time.</param>
    /// <param name="manual">Whether a person began it.</param>
    public static bool GoesOn(IReadOnlyList<SyncWindow> windows, DateTimeOffset startedAt, DateTimeOffset now, bool manual)
    {
        if (Of(windows, now).Permits(manual))
        {
            return true;
        }

        var denies = windows.Where(w => w.IsDeny && w.OpenSince(now) is not null).ToList();
        var against = denies.Count > 0 ? denies : [.. windows.Where(w => !w.IsDeny)];
        return Of(windows, startedAt).Permits(manual) && against.All(w => w.Overrun);
    }

    /// <summary>Whether a sync may begin.</summary>
    public bool Permits(bool manual) => manual ? ManualAllowed : Allowed;

    /// <summary>The reason with its end, for people.</summary>
    public string Message => Reason + (Until is { } end ? $"; that changes at {Applications.StatusWriter.Time(end)}" : "");
}
