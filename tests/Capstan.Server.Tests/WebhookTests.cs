using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Capstan.Resources;
using Capstan.Server.Webhooks;
using Capstan.Sources.Webhooks;
using Capstan.Yaml;

namespace Capstan.Server.Tests;

/// <summary>Calls as the Git hosts send them, signed as they sign them.</summary>
public class WebhookTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string Key = "not-a-real-secret";

    [Theory]
    [InlineData("github")]
    [InlineData("gitlab")]
    [InlineData("gitea")]
    [InlineData("generic")]
    public async Task A_genuine_push_is_taken_once_and_a_forged_one_never(string form)
    {
        await EnsureSecretAsync();
        var body = Body(form);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(form, body, "another secret")).Status);
        var (status, text) = await PostAsync(form, body, Key);
        Assert.True(status == HttpStatusCode.Accepted, $"{status}: {text}");
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(form, body, Key)).Status);
    }

    [Fact]
    public async Task What_no_header_names_is_malformed()
    {
        await EnsureSecretAsync();
        using var answer = await fixture.SendAsync("POST", "/hooks/git", change: r => r.Content = new StringContent("{}"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused_without_being_read()
    {
        using var answer = await fixture.SendAsync("POST", "/hooks/git", change: r =>
        {
            r.Headers.ExpectContinue = true;
            r.Content = new ByteArrayContent(new byte[WebhookReceiver.MostBytes + 1]);
        });
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task One_repository_is_told_of_no_more_often_than_it_may()
    {
        var told = new List<string>();
        using var desk = new WebhookDesk(_ => Task.FromResult(WebhookKeys.Of([Secret()])), url => told.Add(url.Text), TimeProvider.System);
        var refused = 0;
        for (var i = 0; i < 100; i++)
        {
            var body = Encoding.UTF8.GetBytes(Push("https://git.example/busy.git", i));
            var outcome = await desk.TakeAsync(name => Headers("github", body, Key).GetValueOrDefault(name), body, TestContext.Current.CancellationToken);
            if (outcome is null) refused++;
        }
        Assert.InRange(refused, 60, 70);
        var other = Encoding.UTF8.GetBytes(Push("https://git.example/quiet.git", 1));
        Assert.IsType<WebhookOutcome.Accepted>(await desk.TakeAsync(name => Headers("github", other, Key).GetValueOrDefault(name), other, TestContext.Current.CancellationToken));
        Assert.Contains("https://git.example/quiet.git", told);
    }

    [Fact]
    public void Keys_are_found_by_name_and_never_printed()
    {
        var keys = WebhookKeys.Of([Secret()]);
        Assert.Equal("***", keys.ToString());
        Assert.Equal(WebhookKeys.Of([Secret()]), keys);
        Assert.NotEqual(WebhookKeys.Of([]), keys);
    }

    private async Task EnsureSecretAsync() =>
        await fixture.Cluster.ApplyAsync(Secret(), new Kubernetes.ApplyOptions { FieldManager = "test", Force = true }, TestContext.Current.CancellationToken);

    private static KubernetesObject Secret()
    {
        var value = Convert.ToBase64String(Encoding.UTF8.GetBytes(Key + "\n"));
        return new KubernetesObject(YamlMap.Of(
            ("apiVersion", "v1"), ("kind", "Secret"),
            ("metadata", YamlMap.Of(("name", "webhooks"), ("namespace", "capstan"), ("labels", YamlMap.Of((WebhookKeys.Label, ""))))),
            ("data", YamlMap.Of(("github", value), ("gitlab", value), ("gitea", value), ("generic", value)))));
    }

    private static string Push(string url, int number) => $$$"""{"ref":"refs/heads/main","after":"{{{number:x40}}}","repository":{"clone_url":"{{{url}}}"}}""";

    private static byte[] Body(string form) => Encoding.UTF8.GetBytes(form == "gitlab"
        ? """{"object_kind":"push","ref":"refs/heads/main","after":"1111111111111111111111111111111111111111","project":{"git_http_url":"https://git.example/gitlab.git"}}"""
        : Push($"https://git.example/{form}.git", 1));

    private static Dictionary<string, string> Headers(string form, byte[] body, string key)
    {
        var time = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        string Sign(byte[] text) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), text));
        return form switch
        {
            "github" => new() { ["X-GitHub-Event"] = "push", ["X-Hub-Signature-256"] = "sha256=" + Sign(body) },
            "gitlab" => new() { ["X-Gitlab-Event"] = "Push Hook", ["X-Gitlab-Token"] = key },
            "gitea" => new() { ["X-Gitea-Event"] = "push", ["X-GitHub-Event"] = "push", ["X-Gitea-Signature"] = Sign(body) },
            _ => new() { ["X-Capstan-Timestamp"] = time, ["X-Capstan-Signature"] = "sha256=" + Sign([.. Encoding.ASCII.GetBytes(time + "."), .. body]) },
        };
    }

    private async Task<(HttpStatusCode Status, string Text)> PostAsync(string form, byte[] body, string key)
    {
        using var answer = await fixture.SendAsync("POST", "/hooks/git", change: r =>
        {
            r.Content = new ByteArrayContent(body);
            foreach (var (name, value) in Headers(form, body, key)) r.Headers.Add(name, value);
        });
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
