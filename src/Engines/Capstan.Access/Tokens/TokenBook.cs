using System.Collections.Concurrent;
using Capstan.Access.Rights;

namespace Capstan.Access.Tokens;

/// <summary>The tokens that hold now. A token that is taken out is refused from the next request on.</summary>
/// <param name="time">The clock.</param>
public sealed class TokenBook(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, AccessToken> _byId = new(StringComparer.Ordinal);

    /// <summary>All of them, also those that have ended.</summary>
    public IReadOnlyCollection<AccessToken> All => [.. _byId.Values];

    /// <summary>Who an owner is today; null for one who is not there any more. By default owners are what they were.</summary>
    public Func<Principal, Principal?> OwnerNow { get; set; } = owner => owner;

    /// <summary>Takes one in, or takes its new form.</summary>
    public void Put(AccessToken token) => _byId[token.Id] = token;

    /// <summary>Takes one out.</summary>
    public void Remove(string id) => _byId.TryRemove(id, out _);

    /// <summary>Whether the token of this id holds, for what was opened with it.</summary>
    public bool Holds(string id) => _byId.TryGetValue(id, out var token) && token.ExpiresAt > time.GetUtcNow() && OwnerNow(token.Principal) is not null;

    /// <summary>Who a token speaks for; null when it is none of these or has ended.</summary>
    public Principal? Find(string text) =>
        AccessToken.IdOf(text) is { } id && _byId.TryGetValue(id, out var token) && token.Matches(text) && token.ExpiresAt > time.GetUtcNow()
            ? OwnerNow(token.Principal)
            : null;
}
