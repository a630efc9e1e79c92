namespace Capstan.Server.Notifications;

/// <summary>Times of notifications.</summary>
public sealed record NotificationOptions
{
    /// <summary>How long an application must have been quiet before somebody is told: what flickers in between is not told.</summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>After this long somebody is told though it is not quiet.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The pause before the second try; each further one is four times as long.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a message is tried.</summary>
    public int Attempts { get; init; } = 6;

    /// <summary>How long settings are taken as read.</summary>
    public TimeSpan SettingsAge { get; init; } = TimeSpan.FromSeconds(10);
}
