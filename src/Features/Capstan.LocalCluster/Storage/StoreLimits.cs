using Capstan.Yaml;

namespace Capstan.LocalCluster.Storage;

/// <summary>The bounds of the store.</summary>
internal static class StoreLimits
{
    /// <summary>Writes that one transaction takes at most; more would only make the first of them wait.</summary>
    public const int BatchWrites = 256;

    /// <summary>Writes that may wait for the writer before callers are made to wait themselves.</summary>
    public const int QueuedWrites = 4096;

    /// <summary>Events kept for each resource so that watches can resume.</summary>
    public const int HistoryPerResource = 4096;

    /// <summary>Bytes that the events of all resources hold in memory together.</summary>
    public const long HistoryBytes = 16 * 1024 * 1024;

    /// <summary>Bytes of the changes that the database keeps so that watches can resume after a restart.</summary>
    public const long HistoryInLogBytes = 64 * 1024 * 1024;

    /// <summary>Revisions kept in the database so that watches can resume after a restart.</summary>
    public const int HistoryInLog = 8192;

    /// <summary>What was accepted once must be readable again, whatever the limits at the door are by then.</summary>
    public static readonly ReadLimits Reading = new() { MaxBytes = 256 * 1024 * 1024, MaxDepth = 2_000, DuplicateKeys = DuplicateKeys.LastWins };
}
