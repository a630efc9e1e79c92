using System.Text.Json.Serialization;

namespace Capstan.Server.Backups;

/// <summary>
/// A backup is a gzipped tar: first <see cref="AboutName"/>, then the files of the data folder beneath <see cref="DataFolder"/>, last
/// <see cref="SumsName"/> with the SHA-256 of each of them, as <c>sha256sum -c</c> reads it. A file that was cut off lacks the last.
/// </summary>
internal static class BackupArchive
{
    /// <summary>The format of archives that this program writes, and the newest that it reads.</summary>
    public const int Format = 1;

    public const string AboutName = "capstan-backup.json";
    public const string SumsName = "SHA256SUMS";
    public const string DataFolder = "data/";

    /// <summary>Who may read a backup and what is restored: it holds every secret of the installation.</summary>
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
}

/// <summary>What a backup says of itself.</summary>
/// <param name="Format">The format of the archive.</param>
/// <param name="DataFormat">The format of the data folder in it.</param>
/// <param name="Version">The program that made it.</param>
/// <param name="Began">When it began: what was acknowledged before is in it.</param>
/// <param name="Cluster"><c>embedded</c>, or <c>another</c> when the objects lie in a cluster that this backup does not hold.</param>
internal sealed record AboutBackup(int Format, int DataFormat, string Version, DateTimeOffset Began, string Cluster);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(AboutBackup))]
internal sealed partial class BackupJson : JsonSerializerContext;
