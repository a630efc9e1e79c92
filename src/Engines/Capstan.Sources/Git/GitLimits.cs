namespace Capstan.Sources.Git;

/// <summary>How much time and room remote repositories may take.</summary>
public sealed record GitLimits
{
    /// <summary>The longest that listing a remote's refs may take.</summary>
    public TimeSpan ListTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The longest that a fetch or push may take.</summary>
    public TimeSpan TransferTime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>The most bytes that one mirror may have on disk.</summary>
    public long MirrorBytes { get; init; } = 8L << 30;
}
