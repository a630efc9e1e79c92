using Microsoft.Data.Sqlite;

namespace Capstan.LocalCluster.Storage;

/// <summary>What a log holds when it is opened.</summary>
/// <param name="Current">The newest version of every object that was not deleted.</param>
/// <param name="Events">The events that are kept for watches, oldest first.</param>
/// <param name="Revision">The newest revision.</param>
/// <param name="HistoryStartsAfter">Events up to this revision are no longer kept.</param>
internal sealed record LoadedLog(IReadOnlyCollection<StoredObject> Current, IReadOnlyList<StoreEvent> Events, long Revision, long HistoryStartsAfter);

/// <summary>
/// The database: one row for each change. A row goes when its change has left the window of history and a later row (or its own
/// deletion) has taken its place; the rows that stay are the state. So a write is one insert, and history is free.
/// </summary>
internal sealed class RevisionLog : IDisposable
{
    private const int SchemaVersion = 1;

    private readonly SqliteConnection _connection;
    private readonly Queue<Superseded> _superseded = new();
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _remove;
    private readonly SqliteCommand _horizon;
    private long _historyStartsAfter;
    private long _historyBytes;

    private RevisionLog(SqliteConnection connection)
    {
        _connection = connection;
        _insert = Command("INSERT INTO log (revision, kind, resource, namespace, name, previous, body) VALUES ($0, $1, $2, $3, $4, $5, $6)", 7);
        _remove = Command("DELETE FROM log WHERE revision = $0", 1);
        _horizon = Command("INSERT OR REPLACE INTO meta (name, value) VALUES ('horizon', $0)", 1);
    }

    public static RevisionLog Open(string file, long maxBytes)
    {
        SQLitePCL.Batteries_V2.Init();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, DefaultTimeout = 2 }.ToString());
        try
        {
            connection.Open();

            // One process owns the file; a second one must fail at once rather than hand out the same revisions.
            Execute(connection, "PRAGMA locking_mode=EXCLUSIVE");
            Execute(connection, "PRAGMA journal_mode=WAL");
            Execute(connection, "PRAGMA synchronous=FULL");
            Execute(connection, "PRAGMA cache_size=-2048");

            // Each checkpoint flushes twice; a log of 16 MiB is read back in no time.
            Execute(connection, "PRAGMA wal_autocheckpoint=4096");
            CheckVersion(connection, file);
            if (maxBytes > 0)
            {
                Execute(connection, $"PRAGMA max_page_count={Math.Max(16, maxBytes / 4096)}");
            }

            return new RevisionLog(connection);
        }
        catch (SqliteException error)
        {
            connection.Dispose();
            throw new StoreUnavailableException(StoreErrors.Opening(file, error), error);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public LoadedLog Load()
    {
        _historyStartsAfter = (long)(Scalar("SELECT value FROM meta WHERE name = 'horizon'") ?? 0L);
        var current = new Dictionary<StoreKey, StoredObject>();
        var byRevision = new Dictionary<long, StoredObject>();
        var events = new List<StoreEvent>();
        var newest = Math.Max(1, _historyStartsAfter);
        using var select = Command("SELECT revision, kind, resource, namespace, name, previous, body FROM log ORDER BY revision", 0);
        using var reader = select.ExecuteReader();
        while (reader.Read())
        {
            var revision = reader.GetInt64(0);
            var kind = (StoreEventKind)reader.GetInt32(1);
            var key = new StoreKey(string.Intern(reader.GetString(2)), reader.GetString(3), reader.GetString(4));
            var previous = reader.GetInt64(5);
            var item = new StoredObject(key, revision, reader.GetFieldValue<byte[]>(6));
            newest = revision;
            byRevision[revision] = item;
            if (kind == StoreEventKind.Deleted)
            {
                current.Remove(key);
            }
            else
            {
                current[key] = item;
            }

            if (revision > _historyStartsAfter)
            {
                events.Add(new StoreEvent(kind, item, previous == 0 ? null : byRevision.GetValueOrDefault(previous)));
                Remember(new Superseded(revision, previous, kind == StoreEventKind.Deleted, item.Size));
            }
        }

        return new LoadedLog(current.Values, events, newest, _historyStartsAfter);
    }

    /// <summary>Writes all of it into a new file, as it is at one moment. Nothing may be appended meanwhile.</summary>
    /// <exception cref="StoreUnavailableException">The file cannot be written.</exception>
    public void CopyInto(string file)
    {
        try
        {
            using var copy = Command("VACUUM INTO $0", 1);
            copy.Parameters[0].Value = file;
            copy.ExecuteNonQuery();
        }
        catch (SqliteException error)
        {
            throw new StoreUnavailableException($"{file}: the cluster's objects cannot be written there: {error.Message}", error);
        }
    }

    /// <summary>Commits the events, all or none, and flushes them to the disk.</summary>
    public void Append(IReadOnlyList<StoreEvent> events)
    {
        var forgotten = 0;
        try
        {
            using var transaction = _connection.BeginTransaction();
            foreach (var change in events)
            {
                Insert(transaction, change);
            }

            forgotten = Forget(transaction, events);
            transaction.Commit();
        }
        catch (SqliteException error)
        {
            throw new StoreUnavailableException(StoreErrors.Writing(_connection.DataSource, error), error);
        }

        // Only what is committed may change the memory of what can be forgotten next.
        for (var i = 0; i < forgotten; i++)
        {
            var oldest = _superseded.Dequeue();
            _historyStartsAfter = oldest.Revision;
            _historyBytes -= oldest.Bytes;
        }

        foreach (var change in events)
        {
            Remember(new Superseded(change.Revision, change.Previous?.Revision ?? 0, change.Kind == StoreEventKind.Deleted, change.Object.Size));
        }
    }

    public void Dispose()
    {
        _insert.Dispose();
        _remove.Dispose();
        _horizon.Dispose();
        _connection.Dispose();
    }

    private void Insert(SqliteTransaction transaction, StoreEvent change)
    {
        _insert.Transaction = transaction;
        var values = _insert.Parameters;
        values[0].Value = change.Revision;
        values[1].Value = (int)change.Kind;
        values[2].Value = change.Object.Key.Resource;
        values[3].Value = change.Object.Key.Namespace;
        values[4].Value = change.Object.Key.Name;
        values[5].Value = change.Previous?.Revision ?? 0;
        values[6].Value = change.Object.Json;
        _insert.ExecuteNonQuery();
    }

    private void Remember(Superseded change)
    {
        _superseded.Enqueue(change);
        _historyBytes += change.Bytes;
    }

    private int Forget(SqliteTransaction transaction, IReadOnlyList<StoreEvent> adding)
    {
        var surplus = _superseded.Count + adding.Count - StoreLimits.HistoryInLog;
        var surplusBytes = _historyBytes + adding.Sum(e => (long)e.Object.Size) - StoreLimits.HistoryInLogBytes;
        var forgotten = 0;
        foreach (var old in _superseded)
        {
            if (forgotten >= surplus && surplusBytes <= 0)
            {
                break;
            }

            surplusBytes -= old.Bytes;
            Remove(transaction, old.Previous);
            if (old.IsDeletion)
            {
                Remove(transaction, old.Revision);
            }

            _horizon.Parameters[0].Value = old.Revision;
            forgotten++;
        }

        if (forgotten > 0)
        {
            _horizon.Transaction = transaction;
            _horizon.ExecuteNonQuery();
        }

        return forgotten;
    }

    private void Remove(SqliteTransaction transaction, long revision)
    {
        if (revision > 0)
        {
            _remove.Transaction = transaction;
            _remove.Parameters[0].Value = revision;
            _remove.ExecuteNonQuery();
        }
    }

    private static void CheckVersion(SqliteConnection connection, string file)
    {
        using var ask = connection.CreateCommand();
        ask.CommandText = "PRAGMA user_version";
        var version = (long)(ask.ExecuteScalar() ?? 0L);
        if (version > SchemaVersion)
        {
            throw new StoreUnavailableException(
                $"{file}: written by a newer Capstan (layout {version}, this one knows {SchemaVersion}); nothing was changed. Start the newer version again.");
        }

        if (version == 0)
        {
            Execute(connection, """
                BEGIN;
                CREATE TABLE IF NOT EXISTS log (
                  revision INTEGER PRIMARY KEY, kind INTEGER NOT NULL, resource TEXT NOT NULL, namespace TEXT NOT NULL,
                  name TEXT NOT NULL, previous INTEGER NOT NULL, body BLOB NOT NULL);
                CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
                PRAGMA user_version = 1;
                COMMIT;
                """);
        }
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private object? Scalar(string sql)
    {
        using var command = Command(sql, 0);
        return command.ExecuteScalar();
    }

    private SqliteCommand Command(string sql, int parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < parameters; i++)
        {
            command.Parameters.Add(new SqliteParameter($"${i}", null));
        }

        return command;
    }

    private readonly record struct Superseded(long Revision, long Previous, bool IsDeletion, long Bytes);
}
