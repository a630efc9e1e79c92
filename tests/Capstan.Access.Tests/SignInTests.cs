using Capstan.Access.Rights;
using Capstan.Access.SignIn;
using Capstan.Testing;

namespace Capstan.Access.Tests;

public sealed class SignInTests
{
    private readonly FakeClock _clock = new();

    [Fact]
    public void A_password_is_checked_against_its_hash_and_nothing_else()
    {
        var kept = Passwords.Hash("correct horse battery");
        Assert.True(Passwords.Check("correct horse battery", kept));
        Assert.NotEqual(kept, Passwords.Hash("correct horse battery"));
        foreach (var wrong in (string?[])["pbkdf2-sha256$1$$", "", "plain", kept.Replace("pbkdf2-sha256", "none", StringComparison.Ordinal), kept.Replace("600000", "99999999999", StringComparison.Ordinal), null])
        {
            Assert.False(Passwords.Check("correct horse battery", wrong));
        }
        Assert.False(Passwords.Check(new string('a', 10_000), kept));
        Assert.False(Passwords.Check("nobody has this password", null));
        Assert.StartsWith("pbkdf2-sha256$600000$", kept, StringComparison.Ordinal);
    }

    [Fact]
    public void A_session_ends_when_nobody_uses_it_and_at_last_in_any_case()
    {
        var book = new SessionBook(_clock);
        var idle = book.Open(Principal.Administrator, "here");
        _clock.Advance(SessionBook.IdleTime + TimeSpan.FromSeconds(1));
        Assert.Null(book.Find(idle));
        var used = book.Open(Principal.Administrator, "here");
        for (var spent = TimeSpan.Zero; spent < SessionBook.LongestTime - TimeSpan.FromHours(6); spent += TimeSpan.FromHours(6))
        {
            _clock.Advance(TimeSpan.FromHours(6));
            Assert.NotNull(book.Find(used));
        }
        _clock.Advance(TimeSpan.FromHours(7));
        Assert.Null(book.Find(used));
    }

    [Fact]
    public void Signed_out_everywhere_means_that_person_and_nobody_else()
    {
        var book = new SessionBook(_clock);
        var (one, two, other) = (book.Open(new Principal(PrincipalKind.User, "local:anna"), "a"), book.Open(new Principal(PrincipalKind.User, "local:anna"), "b"), book.Open(Principal.Administrator, "c"));
        book.CloseAll("local:anna");
        Assert.Null(book.Find(one));
        Assert.Null(book.Find(two));
        Assert.NotNull(book.Find(other));
    }

    [Fact]
    public void One_person_cannot_push_out_the_sessions_of_another()
    {
        var book = new SessionBook(_clock);
        var other = book.Open(Principal.Administrator, "here");
        for (var i = 0; i < 500; i++) book.Open(new Principal(PrincipalKind.User, "local:anna"), "there");
        Assert.NotNull(book.Find(other));
        Assert.InRange(book.Of("local:anna").Count, 1, 50);
    }

    [Fact]
    public void A_code_holds_once_and_for_a_quarter_of_an_hour()
    {
        var codes = new OneTimeCodes(_clock);
        var code = codes.Make(Principal.Administrator);
        Assert.Equal(Principal.Administrator, codes.Take(code));
        Assert.Null(codes.Take(code));
        var late = codes.Make(Principal.Administrator);
        _clock.Advance(OneTimeCodes.Lifetime);
        Assert.Null(codes.Take(late));
        Assert.Null(codes.Take(""));
    }

    [Fact]
    public void Of_many_who_come_with_one_code_at_once_one_is_let_in()
    {
        var codes = new OneTimeCodes(_clock);
        var code = codes.Make(Principal.Administrator);
        var let = 0;
        Parallel.For(0, 64, _ =>
        {
            if (codes.Take(code) is not null) Interlocked.Increment(ref let);
        });
        Assert.Equal(1, let);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Wrong_tries_make_a_name_wait_longer_and_longer_whether_there_is_such_a_user_or_not(bool exists)
    {
        var throttle = new SignInThrottle(_clock);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(TimeSpan.Zero, throttle.Wait("anna", exists, $"a{i}"));
            throttle.Failed("anna", exists, $"a{i}");
        }
        var first = throttle.Wait("anna", exists, "other");
        Assert.True(first > TimeSpan.Zero);
        _clock.Advance(first);
        Assert.Equal(TimeSpan.Zero, throttle.Wait("anna", exists, "other"));
        throttle.Failed("anna", exists, "other");
        Assert.True(throttle.Wait("anna", exists, "other") > first);
    }

    [Fact]
    public void Spread_over_names_it_is_the_address_that_waits_and_over_addresses_the_name()
    {
        var throttle = new SignInThrottle(_clock);
        for (var i = 0; i < 20; i++) throttle.Failed($"name{i}", exists: false, "one-address");
        Assert.True(throttle.Wait("fresh", exists: true, "one-address") > TimeSpan.Zero);
        for (var i = 0; i < 5; i++) throttle.Failed("anna", exists: true, $"address{i}");
        Assert.True(throttle.Wait("anna", exists: true, "fresh") > TimeSpan.Zero);
    }

    [Fact]
    public void Invented_names_push_no_real_counter_out_and_a_right_try_begins_anew()
    {
        var throttle = new SignInThrottle(_clock);
        for (var i = 0; i < 6; i++) throttle.Failed("anna", exists: true, "a");
        for (var i = 0; i < 50_000; i++) throttle.Failed($"invented{i}", exists: false, $"address{i}");
        Assert.True(throttle.Wait("anna", exists: true, "fresh") > TimeSpan.Zero);
        throttle.Succeeded("anna");
        Assert.Equal(TimeSpan.Zero, throttle.Wait("anna", exists: true, "fresh"));
    }
}
