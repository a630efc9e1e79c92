using System.Text;
using System.Text.Json;
using Capstan.Access.Secrets;

namespace Capstan.Access.Tests;

public sealed class SecretsTests
{
    private sealed record Holder(string Name, SecretText Password, Secret<int> Pin);

    [Fact]
    public void A_secret_shows_itself_only_when_asked()
    {
        var secret = new SecretText("geheim");
        Assert.Equal("***", $"{secret}");
        Assert.Equal("geheim", secret.Reveal());
        Assert.DoesNotContain("geheim", new Holder("x", secret, new Secret<int>(1234)).ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("1234", new Holder("x", secret, new Secret<int>(1234)).ToString(), StringComparison.Ordinal);
        Assert.True(secret.Matches("geheim"));
        Assert.False(secret.Matches("geheim "));
    }

    [Fact]
    public void A_secret_cannot_be_written_as_json() =>
        Assert.Throws<NotSupportedException>(() => JsonSerializer.Serialize(new Holder("x", new SecretText("geheim"), new Secret<int>(1234))));

    [Theory]
    [InlineData("password=s3cr/t+tok&n!")]
    [InlineData("https://x?p=s3cr%2Ft%2Btok%26n%21")]
    [InlineData("https://x?p=s3cr%2ft%2btok%26n%21")]
    public void Plain_and_escaped_secrets_are_masked(string text)
    {
        var redacted = new Redactor([new SecretText("s3cr/t+tok&n!")]).Redact(text);
        Assert.Contains("***", redacted, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr", redacted, StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_inside_base64_is_masked_wherever_it_begins() => CsCheck.Check.Sample(
        CsCheck.Gen.Select(CsCheck.Gen.String[CsCheck.Gen.Char.AlphaNumeric, 8, 40], CsCheck.Gen.String[CsCheck.Gen.Char.AlphaNumeric, 0, 9], CsCheck.Gen.String[CsCheck.Gen.Char.AlphaNumeric, 0, 9]),
        (secret, before, after) =>
        {
            var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(before + secret + after));
            Assert.Contains("***", new Redactor([new SecretText(secret)]).Redact($"Authorization: Basic {encoded}"), StringComparison.Ordinal);
        });

    [Fact]
    public void Each_line_of_a_key_is_masked_and_ordinary_text_is_left_alone()
    {
        var redactor = new Redactor([new SecretText("-----BEGIN-----\nabcdefgh\n-----END-----\n"), new SecretText("ab")]);
        Assert.Equal("read *** from table", redactor.Redact("read abcdefgh from table"));
    }
}
