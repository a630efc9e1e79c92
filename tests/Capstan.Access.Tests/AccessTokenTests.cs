using Capstan.Access.Rights;
using Capstan.Access.Tokens;
using Capstan.Testing;

namespace Capstan.Access.Tests;

public sealed class AccessTokenTests
{
    private readonly FakeClock _clock = new();

    [Fact]
    public void A_token_speaks_for_its_owner_within_its_scope_until_it_ends()
    {
        var book = new TokenBook(_clock);
        var (token, text) = AccessToken.Issue("ci", Principal.Administrator, [RightsTests.Read("get:repositories")], _clock.GetUtcNow(), TimeSpan.FromDays(1));
        book.Put(token);
        var principal = book.Find(text.Reveal());
        Assert.Equal("admin (token ci)", principal?.ToString());
        Assert.Equal("get:repositories:*", Assert.Single(principal!.Scope!).ToString());
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.Null(book.Find(text.Reveal()));
    }

    [Fact]
    public void A_token_that_was_taken_out_is_refused_at_once()
    {
        var book = new TokenBook(_clock);
        var (token, text) = AccessToken.Issue("ci", Principal.Administrator, null, _clock.GetUtcNow(), TimeSpan.FromDays(1));
        book.Put(token);
        book.Remove(token.Id);
        Assert.Null(book.Find(text.Reveal()));
    }

    [Fact]
    public void What_is_kept_of_a_token_does_not_tell_it()
    {
        var (token, text) = AccessToken.Issue("ci", Principal.Administrator, null, _clock.GetUtcNow(), TimeSpan.FromDays(1));
        var secret = text.Reveal()[(text.Reveal().IndexOf(token.Id, StringComparison.Ordinal) + token.Id.Length + 1)..];
        Assert.DoesNotContain(secret, token.ToString(), StringComparison.Ordinal);
        Assert.Equal(32, token.Hash.Count);
    }

    [Fact]
    public void Texts_that_resemble_a_token_open_nothing()
    {
        var book = new TokenBook(_clock);
        var (token, text) = AccessToken.Issue("ci", Principal.Administrator, null, _clock.GetUtcNow(), TimeSpan.FromDays(1));
        book.Put(token);
        var right = text.Reveal();
        foreach (var wrong in (string[])["", "capt_", $"capt_{token.Id}", $"capt_{token.Id}_", right[..^1], right + "x", right.ToUpperInvariant(), "x" + right, right.Replace(token.Id, new string('0', 16), StringComparison.Ordinal)])
        {
            Assert.Null(book.Find(wrong));
        }
    }

    [Fact]
    public void The_successor_of_a_token_is_not_narrowed_by_the_token_that_asked_for_it_but_by_what_it_is_given()
    {
        var narrow = Principal.Administrator with { Scope = [RightsTests.Read("get:repositories")], Token = "first" };
        var (token, _) = AccessToken.Issue("second", narrow, narrow.Scope, _clock.GetUtcNow(), TimeSpan.FromDays(1));
        Assert.Null(token.Owner.Scope);
        Assert.Equal(narrow.Scope, token.Principal.Scope);
    }
}
