using System.Runtime.Versioning;
using System.Text;
using Capstan.Access.Rights;
using Capstan.Access.Tokens;

namespace Capstan.Access.Tests;

[UnsupportedOSPlatform("windows")]
public sealed class TokensTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("capstan-access-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string TokenPath => Path.Combine(_folder, "token");

    [Fact]
    public void A_token_is_made_once_kept_private_and_read_again()
    {
        Assert.Null(AdministratorToken.TryLoad(_folder));
        var made = AdministratorToken.LoadOrCreate(Path.Combine(_folder));
        var read = AdministratorToken.LoadOrCreate(_folder);
        Assert.True(made.Created);
        Assert.False(read.Created);
        Assert.Equal(made.Value.Reveal(), read.Value.Reveal());
        Assert.True(made.Value.Reveal().Length > 40);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(TokenPath));
        Assert.DoesNotContain(made.Value.Reveal(), made.ToString(), StringComparison.Ordinal);
        Assert.Equal([TokenPath], Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_token_file_that_others_may_read_is_closed()
    {
        AdministratorToken.LoadOrCreate(_folder);
        File.SetUnixFileMode(TokenPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        AdministratorToken.LoadOrCreate(_folder);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(TokenPath));
    }

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("two tokens that are no token")]
    public void A_token_file_without_a_token_is_an_error_and_not_an_open_door(string content)
    {
        File.WriteAllText(TokenPath, content);
        var failure = Assert.Throws<AdministratorTokenException>(() => AdministratorToken.LoadOrCreate(_folder));
        Assert.Contains("delete it", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Starting_many_times_at_once_ends_with_one_token()
    {
        var tokens = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => AdministratorToken.LoadOrCreate(_folder), TestContext.Current.CancellationToken)));
        Assert.Single(tokens.Select(token => token.Value.Reveal()).Distinct());
        Assert.Single(tokens, token => token.Created);
        Assert.Equal([TokenPath], Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_token_is_taken_as_bearer_and_as_the_password_of_any_user_and_nothing_else_is()
    {
        var token = AdministratorToken.LoadOrCreate(_folder);
        var authenticator = new Authenticator(token);
        var text = token.Value.Reveal();
        foreach (var (header, expected) in ((string?, Principal?)[])
        [
            (null, Principal.Anonymous),
            ("", Principal.Anonymous),
            ("Bearer " + text, Principal.Administrator),
            ("bearer " + text, Principal.Administrator),
            (Basic("admin:" + text), Principal.Administrator),
            (Basic(":" + text), Principal.Administrator),
            (Basic(text + ":"), null),
            (Basic(text), null),
            (Basic("admin:" + text + "x"), null),
            ("Basic !!!", null),
            ("Basic", null),
            ("Bearer", null),
            ("Bearer wrong", null),
            (text, null),
            ("Digest " + text, null),
            ("Bearer " + new string('a', 100_000), null),
        ])
        {
            var valid = authenticator.TryAuthenticate(header, out var principal);
            Assert.Equal(expected, principal);
            Assert.Equal(expected is not null, valid);
        }
    }

    private static string Basic(string pair) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(pair));
}
