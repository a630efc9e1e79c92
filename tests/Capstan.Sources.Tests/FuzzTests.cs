using System.Security.Cryptography;
using System.Text;
using Capstan.Sources.Git.Urls;
using Capstan.Sources.Webhooks;
using Capstan.Testing;

namespace Capstan.Sources.Tests;

/// <summary>No input makes the readers of addresses and webhooks fail in another way than they say.</summary>
public sealed class FuzzTests
{
    private const string Secret = "a shared secret";

    private static readonly char[] Transport = [.. "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-."];

    [Fact]
    public void Addresses_withstand_any_input_and_read_back_as_they_are_written() => Fuzz.Run(
        ["https://git.example:8443/team/shop.git", "git@host.example:team/shop.git", "ssh://git@host.example:22/~/shop", "file:///srv/git/shop.git", "/srv/git/shop", "http://[::1]:7070/git/a/b.git", "https://user:pass@host/x"],
        ["https://", "ssh://", "git@", "ext::", "file://", "fd::", "-", "--upload-pack=", "..", "/", "//", ":", "@", "%2f", "%00", "[", "]", "::1", "xn--", "\\", "#", "?", " ", "~", "\u0456", "0x7f.1", "2130706433"],
        static input =>
        {
            if (!RepositoryUrl.TryParse(Encoding.UTF8.GetString(input), out var url, out var problem))
            {
                return problem ?? "no reason";
            }

            // An option, or TRANSPORT::ADDRESS, which runs a program.
            if (url.Text.StartsWith('-') || url.Host.StartsWith('-') || url.Text.TrimStart(Transport).StartsWith("::", StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"git could take {url.Text} for something else");
            }

            return RepositoryUrl.Parse(url.Text).Equals(url) ? url.Scheme.ToString() : throw new InvalidOperationException($"{url.Text} reads back as another");
        });

    [Theory]
    [InlineData("github")]
    [InlineData("gitlab")]
    public void Webhooks_withstand_any_body_that_is_signed(string provider)
    {
        var receiver = new WebhookReceiver(new WebhookSecrets(Secret, Secret, Secret, Secret), TimeProvider.System);
        Fuzz.Run(
            [
                """{"ref":"refs/heads/main","after":"0123456789012345678901234567890123456789","repository":{"clone_url":"https://github.com/team/shop.git","ssh_url":"git@github.com:team/shop.git","html_url":null}}""",
                """{"ref":"refs/heads/main","after":"0123456789012345678901234567890123456789","project":{"git_http_url":"https://github.com/team/shop.git"},"commits":null}""",
            ],
            ["\"ref\":", "\"after\":", "\"repository\":", "\"project\":", "\"clone_url\":", "null", "7", "[]", "{}", "\"\"", "{", "}", "\\u0000", "\\ud800"],
            input =>
            {
                var headers = provider == "github"
                    ? new Dictionary<string, string> { ["X-GitHub-Event"] = "push", ["X-Hub-Signature-256"] = "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), input)) }
                    : new Dictionary<string, string> { ["X-Gitlab-Event"] = "Push Hook", ["X-Gitlab-Token"] = Secret };
                return receiver.Receive(headers.GetValueOrDefault, input).ToString() ?? "";
            });
    }
}
