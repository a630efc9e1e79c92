using Capstan.Faults.Tests.Load;
using Microsoft.Data.Sqlite;

namespace Capstan.Faults.Tests.Checking;

/// <summary>What must hold on the disk of a dead server, before anything has had a chance to mend it.</summary>
internal static class DiskChecks
{
    public static async Task<IReadOnlyList<Violation>> RunAsync(LoadSettings settings, IReadOnlyList<JournalEntry> journal)
    {
        var found = new List<Violation>();
        if (await IntegrityAsync(settings) is { } damage) found.Add(new Violation(Violation.Atomic, $"cluster.db: {damage}"));
        var journalOf = journal.ToLookup(e => e.Key);
        for (var i = 0; i < LoadSettings.Applications; i++)
        {
            var name = LoadSettings.NameOf(i);
            var bare = Path.Combine(settings.Data, "git", name + ".git");
            if (!Directory.Exists(bare)) continue;
            var (code, text) = await Git.TryAsync(bare, "fsck", "--full", "--strict", "--no-dangling", "--no-progress");
            if (code != 0) found.Add(new Violation(Violation.Atomic, $"{name}: git fsck: {text}"));
            var reachable = (await Git.TryAsync(bare, "rev-list", "main")).Text.Split('\n').ToHashSet();
            found.AddRange(journalOf[$"push/{name}"].Where(e => e.Acknowledged && !reachable.Contains(e.Value))
                .Select(e => new Violation(Violation.Durable, $"{name}: push {e.Value} was acknowledged and is not in main")));
        }
        return found;
    }

    // A copy is looked at: the server is to find its own write-ahead log.
    private static async Task<string?> IntegrityAsync(LoadSettings settings)
    {
        var copy = Directory.CreateTempSubdirectory("capstan-integrity-").FullName;
        try
        {
            foreach (var file in Directory.GetFiles(settings.Data, "cluster.db*").Where(f => !f.EndsWith("-shm", StringComparison.Ordinal)))
            {
                File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
            }
            await using var connection = new SqliteConnection($"Data Source={Path.Combine(copy, "cluster.db")};Pooling=False");
            await connection.OpenAsync();
            await using var ask = connection.CreateCommand();
            ask.CommandText = "PRAGMA integrity_check";
            return await ask.ExecuteScalarAsync() as string is var answer && answer == "ok" ? null : answer ?? "no answer";
        }
        catch (SqliteException error)
        {
            return error.Message;
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }
}
