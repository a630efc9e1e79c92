using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Server.Hosting;
using Capstan.Server.Notifications;
using Capstan.Yaml;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Server.Tests;

/// <summary>People are told of applications: by each kind of service, once a story, over failures and restarts.</summary>
public sealed class NotificationTests : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("capstan-notify-").FullName;
    private readonly ConcurrentQueue<Received> _received = new();
    private WebApplication? _services;
    private int _failures;
    private string _receiver = "";

    private sealed record Received(string Method, string Path, string Body, Dictionary<string, string> Headers);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _services = builder.Build();
        _services.Run(TakeAsync);
        await _services.StartAsync(Stop);
        _receiver = _services.Urls.Single();
    }

    public async ValueTask DisposeAsync()
    {
        await _services!.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task One_story_is_one_message_to_each_recipient_through_failures_and_a_restart()
    {
        _failures = 1;
        await using (var server = await StartAsync())
        {
            using var cluster = Cluster(server);
            await SettingsAsync(cluster, $$"""
                service.webhook.hook: |
                  url: {{_receiver}}/hook
                  secret: $hook-secret
                  allowPrivate: true
                service.slack: |
                  token: $slack-token
                  apiURL: {{_receiver}}/slack
                  allowPrivate: true
                service.commit-status.status: |
                  provider: github
                  token: t
                  apiURL: {{_receiver}}/github
                  allowPrivate: true
                """);
            await ApplicationAsync(server, cluster, """
                notifications.argoproj.io/subscribe.on-sync-succeeded.hook: ""
                notifications.argoproj.io/subscribe.on-deployed.hook: ""
                notifications.argoproj.io/subscribe.on-deployed.slack: shop-news;ops
                notifications.argoproj.io/subscribe.on-deployed.status: ""
                """);
            await UntilAsync("five deliveries", async () => (await EntriesAsync(server)).Count(e => State(e) == "delivered") >= 4);

            // The first try was answered 500, and the second was taken: signed, with both triggers in one message.
            var hooks = _received.Where(r => r.Path == "/hook").ToArray();
            var hook = Assert.Single(hooks);
            var expected = "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes("hush"), Encoding.UTF8.GetBytes($"{hook.Headers["X-Capstan-Timestamp"]}.{hook.Body}")));
            Assert.Equal(expected, hook.Headers["X-Capstan-Signature"]);
            using var body = JsonDocument.Parse(hook.Body);
            Assert.Equal("told", body.RootElement.GetProperty("application").GetString());
            Assert.Equal(2, body.RootElement.GetProperty("triggers").GetArrayLength());
            Assert.Contains("is healthy", body.RootElement.GetProperty("message").GetString(), StringComparison.Ordinal);

            var slack = _received.Where(r => r.Path == "/slack/chat.postMessage").ToArray();
            Assert.Equal(["ops", "shop-news"], slack.Select(s => JsonDocument.Parse(s.Body).RootElement.GetProperty("channel").GetString()!).Order(StringComparer.Ordinal));
            Assert.All(slack, s => Assert.Equal("Bearer xoxb-1", s.Headers["Authorization"]));

            var status = Assert.Single(_received, r => r.Path.StartsWith("/github/", StringComparison.Ordinal));
            Assert.Matches("^/github/repos/git/told-repo/statuses/[0-9a-f]{40}$", status.Path);
            Assert.Equal("success", JsonDocument.Parse(status.Body).RootElement.GetProperty("state").GetString());
        }
        var before = _received.Count;
        await using (var again = await StartAsync())
        {
            using var cluster = Cluster(again);
            await ApplicationAsync(again, cluster, """
                notifications.argoproj.io/subscribe.on-sync-succeeded.hook: ""
                notifications.argoproj.io/subscribe.on-deployed.hook: ""
                notifications.argoproj.io/subscribe.on-deployed.slack: shop-news;ops;late
                notifications.argoproj.io/subscribe.on-deployed.status: ""
                """);
            // The one that is new is told; when that has come, everybody else could have been told twice, and was not.
            await UntilAsync("the late one", async () => (await EntriesAsync(again)).Any(e => e.GetProperty("recipient").GetString() == "late" && State(e) == "delivered"));
            Assert.Equal(before + 1, _received.Count);
        }
    }

    [Fact]
    public async Task A_private_address_is_refused_with_words_unless_the_service_allows_it_and_mistakes_are_named()
    {
        await using var server = await StartAsync();
        using var cluster = Cluster(server);
        await SettingsAsync(cluster, $$"""
            service.webhook.hook: |
              url: {{_receiver}}/hook
            service.pager: |
              key: x
            trigger.on-night: |
              - when: time.Now().Hour() > 22
                send: [app-deployed]
            """);
        await ApplicationAsync(server, cluster, "notifications.argoproj.io/subscribe.on-deployed.hook: \"\"");
        await UntilAsync("a failure", async () => (await EntriesAsync(server)).Any(e => State(e) == "failed"));
        Assert.Empty(_received);
        var list = await GetAsync(server, "/api/v1/notifications?state=failed");
        Assert.Contains("leads into a private network; write allowPrivate: true", list.GetProperty("items")[0].GetProperty("error").GetString(), StringComparison.Ordinal);
        var problems = string.Join('\n', list.GetProperty("problems").EnumerateArray().Select(p => p.GetString()));
        Assert.Contains("service.pager: \"pager\" is no kind of service", problems, StringComparison.Ordinal);
        Assert.Contains("trigger.on-night[0]: 1:9: \"()", problems, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mail_is_sent_by_SMTP()
    {
        using var smtp = new TcpListener(IPAddress.Loopback, 0);
        smtp.Start();
        var mail = ReceiveMailAsync(smtp);
        await using var server = await StartAsync();
        using var cluster = Cluster(server);
        await SettingsAsync(cluster, $$"""
            service.email: |
              host: 127.0.0.1
              port: {{((IPEndPoint)smtp.LocalEndpoint).Port}}
              from: capstan@example.test
              tls: false
            """);
        await ApplicationAsync(server, cluster, "notifications.argoproj.io/subscribe.on-deployed.email: anna@example.test");
        var text = await mail.WaitAsync(TimeSpan.FromSeconds(60), Stop);
        Assert.Contains("RCPT TO:<anna@example.test>", text, StringComparison.Ordinal);
        Assert.Contains("Subject: told is deployed", text, StringComparison.Ordinal);
        await UntilAsync("it is in the log", async () => (await EntriesAsync(server)).Any(e => State(e) == "delivered"));
    }

    [Theory]
    [InlineData("app.status.operationState.phase in ['Succeeded'] and app.status.health.status == 'Healthy'", true)]
    [InlineData("app.status?.operationState?.phase not in ['Running', 'Failed']", true)]
    [InlineData("!(app.metadata.name == \"x\") || false", true)]
    [InlineData("app.metadata.labels['team'] != nil && app.metadata.labels.team startsWith 'sh'", true)]
    [InlineData("app.spec.sources[1].path == 'b' and app.spec.count == 3", true)]
    [InlineData("app.nothing.at.all == nil", true)]
    [InlineData("app.nothing", false)]
    [InlineData("app.metadata.name contains 'ol' and not (app.metadata.name endsWith 'x')", true)]
    public void Conditions_mean_what_they_mean_in_Argo_CD(string condition, bool holds)
    {
        var app = YamlText.ReadOne("{metadata: {name: told, labels: {team: shop}}, spec: {count: 3, sources: [{path: a}, {path: b}]}, status: {operationState: {phase: Succeeded}, health: {status: Healthy}}}");
        Assert.Equal(holds, TriggerExpression.Parse(condition).Holds(YamlMap.Of(("app", app))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("app ==")]
    [InlineData("app.name in ['a'")]
    [InlineData("'never ends")]
    [InlineData("a b")]
    [InlineData("time.Now()")]
    public void A_condition_that_cannot_be_read_says_where(string condition) =>
        Assert.StartsWith("1:", Assert.Throws<FormatException>(() => TriggerExpression.Parse(condition)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_condition_that_never_ends_to_open_is_refused() =>
        Assert.Throws<FormatException>(() => TriggerExpression.Parse(string.Concat(Enumerable.Repeat("(", 3000)) + "true"));

    private Task<CapstanServer> StartAsync() => CapstanServer.StartAsync(
        ServerFixture.Settings(_data) with
        {
            CreateOnPush = true,
            Notifications = new NotificationOptions { Quiet = TimeSpan.FromMilliseconds(600), FirstPause = TimeSpan.FromMilliseconds(50), SettingsAge = TimeSpan.Zero },
        },
        TimeProvider.System, NullLoggerFactory.Instance, Stop);

    private static ClusterClient Cluster(CapstanServer server) => new(ClusterConnection.FromKubeconfig(server.Kubeconfig), TimeProvider.System, NullLogger.Instance);

    private static async Task SettingsAsync(ClusterClient cluster, string data)
    {
        await ApplyAsync(cluster, $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: argocd-notifications-cm, namespace: capstan}}\ndata:\n{Indented(data)}");
        await ApplyAsync(cluster, "apiVersion: v1\nkind: Secret\nmetadata: {name: argocd-notifications-secret, namespace: capstan}\nstringData: {hook-secret: hush, slack-token: xoxb-1}\n");
    }

    private static async Task ApplicationAsync(CapstanServer server, ClusterClient cluster, string annotations)
    {
        // The platform repository is a repository that is there from the first moment.
        var platform = await cluster.FindAsync(new ObjectKey(new GroupKind("argoproj.io", "Application"), "capstan", "platform"), Stop);
        var url = platform!.Spec.At("source", "repoURL")!.AsString()!;
        await ApplyAsync(cluster, $$"""
            apiVersion: argoproj.io/v1alpha1
            kind: Application
            metadata:
              name: told
              namespace: capstan
              annotations:
            {{Indented(Indented(annotations))}}
            spec:
              project: default
              source: {repoURL: "{{url.Replace("/platform.git", "/told-repo.git", StringComparison.Ordinal)}}", path: ., targetRevision: main}
              destination: {server: https://kubernetes.default.svc, namespace: told}
              syncPolicy: {automated: {}, syncOptions: [CreateNamespace=true]}
            """);
        await PushAsync(server, url.Replace("/platform.git", "/told-repo.git", StringComparison.Ordinal));
    }

    // At a restart the repository is there already, and stays as it is.
    private static async Task PushAsync(CapstanServer server, string url)
    {
        if (Directory.Exists(Path.Combine(server.Settings.Data, "git", "told-repo.git"))) return;
        var folder = Directory.CreateTempSubdirectory("capstan-told-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "map.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: told}\ndata: {a: b}\n", Stop);
        string[][] calls =
        [
            ["init", "-q", "-b", "main"], ["add", "."], ["-c", "user.name=A", "-c", "user.email=a@example.test", "commit", "-q", "-m", "Tell"],
            ["push", "-q", url.Replace("://", $"://x:{server.TokenText}@", StringComparison.Ordinal), "main"],
        ];
        foreach (var arguments in calls)
        {
            using var git = Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = folder, RedirectStandardError = true })!;
            var errors = await git.StandardError.ReadToEndAsync(Stop);
            await git.WaitForExitAsync(Stop);
            Assert.True(git.ExitCode == 0, errors);
        }
        Directory.Delete(folder, recursive: true);
    }

    private static async Task ApplyAsync(ClusterClient cluster, string yaml) => await cluster.ApplyAsync(new KubernetesObject((YamlMap)YamlText.ReadOne(yaml)), new ApplyOptions { Force = true }, Stop);

    private static string Indented(string text) => string.Concat(text.TrimEnd('\n').Split('\n').Select(l => "  " + l + "\n"));

    private static string State(JsonElement entry) => entry.GetProperty("state").GetString()!;

    private static async Task<JsonElement[]> EntriesAsync(CapstanServer server) => [.. (await GetAsync(server, "/api/v1/notifications")).GetProperty("items").EnumerateArray()];

    private static async Task<JsonElement> GetAsync(CapstanServer server, string path)
    {
        using var http = new HttpClient { BaseAddress = server.Url };
        http.DefaultRequestHeaders.Authorization = new("Bearer", server.TokenText);
        using var document = JsonDocument.Parse(await http.GetStringAsync(path, Stop));
        return document.RootElement.Clone();
    }

    private static async Task UntilAsync(string what, Func<Task<bool>> reached)
    {
        var started = Stopwatch.StartNew();
        while (!await reached())
        {
            Assert.True(started.Elapsed < TimeSpan.FromSeconds(60), $"did not happen in time: {what}");
            await Task.Delay(100, Stop);
        }
    }

    // Slack's, GitHub's and everybody's own service at once.
    private async Task TakeAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var body = await reader.ReadToEndAsync(http.RequestAborted);
        var path = http.Request.Path.Value!;
        var isSlack = path.StartsWith("/slack", StringComparison.Ordinal);
        if (path == "/hook" && Interlocked.Decrement(ref _failures) >= 0) http.Response.StatusCode = 500;
        else _received.Enqueue(new Received(http.Request.Method, path, body, http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
        await http.Response.WriteAsync(isSlack ? "{\"ok\":true}" : "{}", http.RequestAborted);
    }

    private static async Task<string> ReceiveMailAsync(TcpListener listener)
    {
        using var client = await listener.AcceptTcpClientAsync(Stop);
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.UTF8);
        await using var writer = new StreamWriter(stream, new UTF8Encoding(false)) { NewLine = "\r\n", AutoFlush = true };
        var all = new StringBuilder();
        await writer.WriteLineAsync("220 test");
        var inData = false;
        while (await reader.ReadLineAsync(Stop) is { } line)
        {
            all.AppendLine(line);
            if (inData)
            {
                if (line != ".") continue;
                inData = false;
                await writer.WriteLineAsync("250 taken");
                continue;
            }
            var verb = line.Split(' ')[0].ToUpperInvariant();
            inData = verb == "DATA";
            await writer.WriteLineAsync(verb switch { "DATA" => "354 go on", "QUIT" => "221 bye", _ => "250 yes" });
            if (verb == "QUIT") break;
        }
        return all.ToString();
    }
}
