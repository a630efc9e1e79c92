using System.Globalization;
using Capstan.Sources.Webhooks;

namespace Capstan.Server.PullRequests;

/// <summary>Events that were acknowledged and not dealt with yet, a file each, so that a server that is killed in between loses none.</summary>
/// <param name="folder">Where.</param>
internal sealed class EventFolder(string folder)
{
    /// <summary>More than anybody sends while the server can work.</summary>
    private const int MostWaiting = 10_000;
    private const string Extension = ".json";
    private long _last;

    /// <summary>Keeps an event until it is removed.</summary>
    /// <returns>Its name; null when too many wait.</returns>
    public async Task<string?> AddAsync(string provider, ReadOnlyMemory<byte> body, DateTimeOffset now, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        if (Directory.EnumerateFiles(folder, "*" + Extension).Take(MostWaiting).Count() == MostWaiting) return null;
        var name = string.Create(CultureInfo.InvariantCulture, $"{now.UtcTicks:D20}-{Interlocked.Increment(ref _last):D6}-{provider}{Extension}");
        var draft = Path.Combine(folder, name + ".draft");
        await using (var file = new FileStream(draft, FileMode.CreateNew, FileAccess.Write))
        {
            await file.WriteAsync(body, cancellation).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, Path.Combine(folder, name));
        return name;
    }

    /// <summary>The names of those that are here, in the order in which they came.</summary>
    public IReadOnlyList<string> List() => Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*" + Extension).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)] : [];

    /// <summary>When one came; long ago where its name does not tell.</summary>
    public static DateTimeOffset TimeOf(string name) => long.TryParse(name.AsSpan(0, Math.Max(0, name.IndexOf('-', StringComparison.Ordinal))), NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTime.MaxValue.Ticks
        ? new DateTimeOffset(ticks, TimeSpan.Zero) : DateTimeOffset.MinValue;

    /// <summary>Reads one; null when it is none.</summary>
    public async Task<PullRequestNotification?> ReadAsync(string name, CancellationToken cancellation)
    {
        var provider = Path.GetFileNameWithoutExtension(name)[(name.LastIndexOf('-') + 1)..];
        return PullRequestNotification.Read(provider, await File.ReadAllBytesAsync(Path.Combine(folder, name), cancellation).ConfigureAwait(false));
    }

    /// <summary>It was dealt with.</summary>
    public void Remove(string name) => File.Delete(Path.Combine(folder, name));
}
