using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Capstan.Sources.Webhooks;

namespace Capstan.Sources.Tests.Webhooks;

public sealed class WebhookReceiverTests
{
    private const string Secret = "a shared secret";
    private const string GitHubPush = """{"ref":"refs/heads/main","after":"0123456789012345678901234567890123456789","repository":{"clone_url":"https://github.com/team/shop.git","ssh_url":"git@github.com:team/shop.git","html_url":null}}""";
    private readonly WebhookReceiver _receiver = new(new WebhookSecrets(Secret, Secret, Secret, Secret), TimeProvider.System);

    private static string Sign(string body, string secret = Secret) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(body)));

    private static Dictionary<string, string> Headers(string provider, string body, string secret = Secret)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return provider switch
        {
            "github" => new() { ["X-GitHub-Event"] = "push", ["X-Hub-Signature-256"] = "sha256=" + Sign(body, secret) },
            "gitea" => new() { ["X-GitHub-Event"] = "push", ["X-Gitea-Event"] = "push", ["X-Gitea-Signature"] = Sign(body, secret), ["X-Hub-Signature-256"] = "sha256=" + Sign(body, secret) },
            "gitlab" => new() { ["X-Gitlab-Event"] = "Push Hook", ["X-Gitlab-Token"] = secret },
            _ => new() { ["X-Capstan-Timestamp"] = now, ["X-Capstan-Signature"] = "sha256=" + Sign(now + "." + body, secret) },
        };
    }

    private WebhookOutcome Receive(Dictionary<string, string> headers, string body) => _receiver.Receive(headers.GetValueOrDefault, Encoding.UTF8.GetBytes(body));

    public static TheoryData<string, string> Pushes => new()
    {
        { "github", GitHubPush },
        { "gitea", GitHubPush },
        { "gitlab", """{"ref":"refs/heads/main","after":"0123456789012345678901234567890123456789","project":{"git_http_url":"https://github.com/team/shop.git"},"commits":null}""" },
        { "generic", """{"ref":"refs/heads/main","after":"0123456789012345678901234567890123456789","repository":"https://github.com/team/shop"}""" },
    };

    [Theory]
    [MemberData(nameof(Pushes))]
    public void A_genuine_push_is_taken_once_and_names_the_repository(string provider, string body)
    {
        var accepted = Assert.IsType<WebhookOutcome.Accepted>(Receive(Headers(provider, body), body));
        Assert.Equal((provider, "refs/heads/main", "0123456789012345678901234567890123456789"), (accepted.Push.Provider, accepted.Push.Ref, accepted.Push.After));
        Assert.Equal("https://github.com/team/shop", accepted.Push.Repositories[0].Key);
        Assert.IsType<WebhookOutcome.Ignored>(Receive(Headers(provider, body), body));
    }

    [Theory]
    [MemberData(nameof(Pushes))]
    public void A_push_that_is_signed_wrongly_or_not_at_all_is_refused_before_it_is_read(string provider, string body)
    {
        Assert.IsType<WebhookOutcome.Unauthenticated>(Receive(Headers(provider, body, "another secret"), body));
        Assert.IsType<WebhookOutcome.Unauthenticated>(Receive(Headers(provider, "{broken", "another secret"), "{broken"));
        var off = new WebhookReceiver(new WebhookSecrets(gitHub: ""), TimeProvider.System);
        Assert.IsType<WebhookOutcome.Unauthenticated>(off.Receive(Headers(provider, body, "").GetValueOrDefault, Encoding.UTF8.GetBytes(body)));
    }

    [Fact]
    public void A_changed_body_or_an_old_time_is_refused()
    {
        Assert.IsType<WebhookOutcome.Unauthenticated>(Receive(Headers("github", GitHubPush), GitHubPush + " "));
        var headers = new Dictionary<string, string> { ["X-Capstan-Timestamp"] = "1000", ["X-Capstan-Signature"] = Sign("1000." + GitHubPush) };
        Assert.IsType<WebhookOutcome.Unauthenticated>(Receive(headers, GitHubPush));
        Assert.IsType<WebhookOutcome.Malformed>(Receive([], GitHubPush));
        Assert.IsType<WebhookOutcome.Malformed>(Receive(Headers("gitlab", ""), new string(' ', WebhookReceiver.MostBytes + 1)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{broken")]
    [InlineData("""{"ref":null,"repository":null}""")]
    [InlineData("""{"ref":"refs/heads/main","repository":{}}""")]
    [InlineData("""{"ref":"refs/heads/main","repository":[]}""")]
    [InlineData("""{"ref":7,"repository":{"clone_url":7}}""")]
    [InlineData("""{"ref":"refs/heads/main","repository":{"clone_url":"ext::sh -c x"}}""")]
    [InlineData("""{"ref":"\ud800","repository":{"clone_url":"https://h/x"}}""")]
    public void Genuine_nonsense_is_malformed_and_nothing_breaks(string body) =>
        Assert.IsType<WebhookOutcome.Malformed>(Receive(Headers("github", body), body));

    [Fact]
    public void Other_events_are_ignored()
    {
        var headers = Headers("github", "{}");
        headers["X-GitHub-Event"] = "ping";
        Assert.IsType<WebhookOutcome.Ignored>(Receive(headers, "{}"));
    }

    [Fact]
    public void No_json_makes_the_reader_fail() => CsCheck.Check.Sample(CsCheck.Gen.String, text =>
        Assert.IsNotType<WebhookOutcome.Accepted>(Receive(Headers("gitlab", text), text)));

    [Theory]
    [InlineData("github", "synchronize", 1, "team/shop", "feature", false)]
    [InlineData("gitea", "synchronized", 1, "team/shop", "feature", false)]
    [InlineData("gitea", "opened", 2, "mallory/shop", "feature", true)]
    [InlineData("github", "opened", 2, "team/shop", "feature", true)]
    [InlineData("gitea", "opened", 1, "team/shop", "refs/pull/7/head", true)]
    [InlineData("github", "closed", 0, "", "feature", true)]
    public void A_pull_request_is_read_and_is_a_forks_unless_its_repository_is_plainly_the_same(string provider, string action, int id, string name, string branch, bool fork)
    {
        var head = name.Length == 0 ? "null" : $$"""{"id": {{id}} ,"full_name":"{{name}}"}""";
        var body = $$"""
            {"action":"{{action}}","number":7,"hook":"x","repository":{"clone_url":"https://github.com/team/shop.git"},"sender":{"login":"ada"},
            "pull_request":{"head":{"ref":"{{branch}}","sha":"0123456789012345678901234567890123456789","repo": {{head}} },"base":{"ref":"main","repo":{"id":1,"full_name":"team/shop"} } } }
            """;
        var headers = Headers(provider, body);
        foreach (var header in headers.Keys.Where(k => k.EndsWith("-Event", StringComparison.Ordinal)).ToList()) headers[header] = "pull_request";
        var told = Assert.IsType<WebhookOutcome.PullRequested>(Receive(headers, body)).PullRequest;
        Assert.Equal((7L, action == "synchronized" ? "synchronize" : action, "main", "ada", fork), (told.Number, told.Action, told.BaseBranch, told.Actor, told.IsFork));
        Assert.DoesNotContain("hook", told.Body, StringComparison.Ordinal);
    }
}
