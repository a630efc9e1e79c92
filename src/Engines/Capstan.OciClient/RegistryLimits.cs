namespace Capstan.OciClient;

/// <summary>How long and how much.</summary>
public sealed record RegistryLimits
{
    /// <summary>The largest manifest in bytes.</summary>
    public int MaxManifestBytes { get; init; } = 8 << 20;

    /// <summary>How often a request is tried.</summary>
    public int Attempts { get; init; } = 4;

    /// <summary>The pause before the second try; it doubles, and a part of it is chance.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest pause, also where the registry asks for more.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the head of an answer may take.</summary>
    public TimeSpan AnswerTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The most tags or referrers that are listed.</summary>
    public int MostEntries { get; init; } = 100_000;
}
