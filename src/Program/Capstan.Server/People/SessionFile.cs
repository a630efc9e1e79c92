using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Capstan.Access.Rights;
using Capstan.Access.SignIn;
using Capstan.Server.Problems;
using Microsoft.Extensions.Logging;

namespace Capstan.Server.People;

/// <summary>Sessions over a restart: <c>DATA/sessions.json</c>, readable by its owner alone. It holds hashes of what browsers keep, never that itself. Written
/// before anybody is answered that a session was opened or ended, so that none that was ended comes back. Deleting it signs everybody out.</summary>
internal sealed class SessionFile : IDisposable
{
    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly SessionBook _book;
    private readonly Func<Principal, string?> _voucher;
    private readonly ILogger _log;

    /// <summary>Brings back the sessions of before, and keeps them from now on.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="book">The sessions.</param>
    /// <param name="voucher">What somebody signed in with, such as the hash of a password: when it is another one now the session is over; null for one who is nobody any more.</param>
    /// <param name="now">The time.</param>
    /// <param name="log">Where a file that cannot be read or written is told.</param>
    public SessionFile(string data, SessionBook book, Func<Principal, string?> voucher, DateTimeOffset now, ILogger log)
    {
        (_path, _book, _voucher, _log) = (Path.Combine(data, "sessions.json"), book, voucher, log);
        foreach (var kept in Load())
        {
            if (Read(kept) is { } session && now - session.OpenedAt < SessionBook.LongestTime && _voucher(session.Principal) is { } vouched && HashOf(vouched) == kept.Voucher) book.Restore(kept.Key, session);
        }
        book.Changed = Save;
    }

    /// <summary>Keeps also when each was last used.</summary>
    public void Dispose() => Save();

    private IReadOnlyList<KeptSession> Load()
    {
        if (!File.Exists(_path)) return [];
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(_path), SessionFileJson.Default.IReadOnlyListKeptSession) ?? [];
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            _log.SessionsNotKept(_path, e.Message);
            return [];
        }
    }

    private void Save()
    {
        lock (_lock)
        {
            var draft = _path + ".draft";
            try
            {
                var kept = _book.All.Select(s => Write(s.Key, s.Value)).OfType<KeptSession>().ToArray();
                File.Delete(draft);
                var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
                if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                using (var file = new FileStream(draft, options))
                {
                    JsonSerializer.Serialize(file, kept, SessionFileJson.Default.IReadOnlyListKeptSession);
                    file.Flush(flushToDisk: true);
                }
                File.Move(draft, _path, overwrite: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A session that cannot be kept still holds until the restart. One that was ended must not come back: better nobody's does.
                _log.SessionsNotKept(_path, e.Message);
                TryDelete();
            }
        }
    }

    private void TryDelete()
    {
        try
        {
            File.Delete(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _log.SessionsNotKept(_path, e.Message);
        }
    }

    private KeptSession? Write(string key, Session session) => _voucher(session.Principal) is not { } vouched ? null : new KeptSession(
        key, session.Principal.Kind.ToString(), session.Principal.Name, session.Principal.Groups, session.Principal.Scope?.Select(g => g.ToString()).ToArray(), session.Principal.Token, session.Principal.TokenId,
        HashOf(vouched), session.Guard, Text(session.OpenedAt), Text(session.SeenAt), session.From);

    private static Session? Read(KeptSession kept)
    {
        if (!Enum.TryParse<PrincipalKind>(kept.Kind, out var kind) || kind is not (PrincipalKind.Administrator or PrincipalKind.User)) return null;
        if (!TryTime(kept.OpenedAt, out var opened) || !TryTime(kept.SeenAt, out var seen)) return null;
        List<Grant>? scope = null;
        foreach (var written in kept.Scope ?? [])
        {
            // What limits a session must be understood, or the session is none.
            if (!Grant.TryParse(written, out var grant, out _)) return null;
            (scope ??= []).Add(grant);
        }
        if (kept.Scope is not null) scope ??= [];
        return new Session(new Principal(kind, kept.Name) { Groups = kept.Groups, Scope = scope, Token = kept.Token, TokenId = kept.TokenId }, kept.Guard, opened, kept.From) { SeenAt = seen };
    }

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Text(DateTimeOffset time) => time.ToString("O", CultureInfo.InvariantCulture);

    private static bool TryTime(string text, out DateTimeOffset time) => DateTimeOffset.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
}

/// <summary>A session as it is kept.</summary>
internal sealed record KeptSession(
    string Key, string Kind, string Name, IReadOnlyList<string> Groups, IReadOnlyList<string>? Scope, string? Token, string? TokenId, string Voucher, string Guard, string OpenedAt, string SeenAt, string From);

[JsonSerializable(typeof(IReadOnlyList<KeptSession>))]
internal sealed partial class SessionFileJson : JsonSerializerContext;
