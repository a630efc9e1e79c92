using Capstan.Yaml;

namespace Capstan.Delivery.Rendering;

/// <summary>What one source may hold before it is refused.</summary>
public sealed record RenderLimits
{
    /// <summary>The limits of the engine.</summary>
    public static readonly RenderLimits Default = new();

    /// <summary>Files and folders looked at.</summary>
    public int MaxEntries { get; init; } = 100_000;

    /// <summary>Bytes of all manifest files together: 256 MiB.</summary>
    public long MaxTotalBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>Objects of one source.</summary>
    public int MaxObjects { get; init; } = 100_000;

    /// <summary>Problems reported at once; more than these nobody reads.</summary>
    public int MaxProblems { get; init; } = 50;

    /// <summary>Lists inside lists.</summary>
    public int MaxListDepth { get; init; } = 16;

    /// <summary>The limits on one file.</summary>
    public ReadLimits File { get; init; } = ReadLimits.Default;
}
