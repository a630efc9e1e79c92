using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Server.Hosting;
using Capstan.Testing;
using Capstan.Yaml;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Playwright;

namespace Capstan.Browser.Tests;

/// <summary>A terminal in a real container, from a real browser; and who gets none.</summary>
[Collection(BrowserTests.Name)]
public sealed class TerminalTests(BrowserFixture fixture) : IAsyncLifetime
{
    private const string Pod = """
        apiVersion: v1
        kind: Pod
        metadata: {name: box}
        spec:
          terminationGracePeriodSeconds: 0
          containers: [{name: box, image: "localhost/capstan-test/busybox:1", imagePullPolicy: Never, command: [sh, -c, "sleep 3600"]}]
        """;

    private readonly string _data = Directory.CreateTempSubdirectory("capstan-terminal-").FullName;
    private CapstanServer _server = null!;
    private ClusterClient _cluster = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        // Only this server is to find the engine; the one that all tests share was started before.
        var before = Environment.GetEnvironmentVariable("DOCKER_HOST");
        Environment.SetEnvironmentVariable("DOCKER_HOST", (await OwnPodman.AddressAsync()).ToString());
        try
        {
            _server = await CapstanServer.StartAsync(new ServerSettings
            {
                Data = Path.Combine(_data, "data"),
                Listen = new ListenAddress(IPAddress.Loopback, 0),
                ClusterListen = new ListenAddress(IPAddress.Loopback, 0),
                Version = "capstan test",
                CreateOnPush = true,
            }, TimeProvider.System, NullLoggerFactory.Instance, Stop);
        }
        finally
        {
            Environment.SetEnvironmentVariable("DOCKER_HOST", before);
        }

        Assert.SkipUnless(_server.Pods.Contains("containers", StringComparison.Ordinal), _server.Pods);
        _cluster = new ClusterClient(ClusterConnection.FromKubeconfig(_server.Kubeconfig), TimeProvider.System, NullLogger.Instance);
        var folder = Path.Combine(_data, "box");
        Directory.CreateDirectory(Path.Combine(folder, "deploy"));
        await File.WriteAllTextAsync(Path.Combine(folder, "deploy", "pod.yaml"), Pod, Stop);
        await BrowserFixture.GitAsync(folder, "init", "--quiet", "--initial-branch=main");
        await BrowserFixture.GitAsync(folder, "add", "--all");
        await BrowserFixture.GitAsync(folder, "commit", "--quiet", "--message", "Begin");
        await BrowserFixture.GitAsync(folder, "push", "--quiet", $"http://x:{_server.TokenText}@{_server.Url.Authority}/git/box.git", "HEAD:main");
        await ApplyAsync($$"""
            apiVersion: argoproj.io/v1alpha1
            kind: Application
            metadata: {name: box, namespace: capstan}
            spec:
              project: default
              source: {repoURL: "{{_server.Url}}git/box.git", path: deploy, targetRevision: main}
              destination: {server: https://kubernetes.default.svc, namespace: box}
              syncPolicy: {syncOptions: [CreateNamespace=true], automated: {} }
            """);
        await BrowserFixture.UntilAsync("the container runs", async () =>
            (await _cluster.FindAsync(new ObjectKey(new GroupKind("", "Pod"), "box", "box"), Stop))?.Status["phase"]?.AsString() == "Running");
    }

    public async ValueTask DisposeAsync()
    {
        _cluster?.Dispose();
        if (_server is not null) await _server.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task What_is_typed_in_the_browser_runs_in_the_container_where_it_is_allowed_and_by_whom()
    {
        // 1. Off by default, for the administrator too.
        const string page = "/applications/box/terminal?object=Pod/box/box";
        using var http = new HttpClient { BaseAddress = _server.Url };
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(http, page, _server.TokenText));
        Assert.Contains("403", (await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(_server.TokenText))).Message, StringComparison.Ordinal);
        await ApplyAsync("apiVersion: capstan.dev/v1alpha1\nkind: Settings\nmetadata: {name: capstan, namespace: capstan}\nspec: {terminals: true}\n");
        await BrowserFixture.UntilAsync("terminals are allowed", async () => await StatusAsync(http, page, _server.TokenText) == HttpStatusCode.OK);

        // 2. Not without the right; nor in a pod of others.
        var viewer = await TokenAsync(http, _server.TokenText, "get,list,logs:applications");
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(http, page, viewer));
        Assert.Contains("403", (await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(viewer))).Message, StringComparison.Ordinal);
        Assert.Contains("404", (await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(_server.TokenText, "Pod/kube-system/other"))).Message, StringComparison.Ordinal);

        // 3. A browser: what is typed runs, and its answer is shown.
        var context = await fixture.Browser.NewContextAsync(new BrowserNewContextOptions { BaseURL = _server.Url.ToString(), ViewportSize = new ViewportSize { Width = 1440, Height = 900 } });
        var browser = await context.NewPageAsync();
        var wrong = new List<string>();
        browser.Console += (_, message) =>
        {
            if (message.Type == "error") wrong.Add(message.Text);
        };
        await browser.GotoAsync(_server.SignInLink().PathAndQuery);
        await browser.GotoAsync("/applications/box/object?object=Pod%2Fbox%2Fbox");
        await browser.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Terminal", Exact = true }).ClickAsync();
        await Assertions.Expect(browser.GetByText("Connected")).ToBeVisibleAsync();
        await browser.Keyboard.TypeAsync("echo $((6*7))-in-$(hostname)\n");
        await Assertions.Expect(browser.Locator("#terminal .xterm-rows")).ToContainTextAsync("42-in-box");
        await browser.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(BrowserFixture.Screenshots, "terminal-light-1440.png") });
        await browser.Keyboard.TypeAsync("stty size\n");
        await Assertions.Expect(browser.Locator("#terminal .xterm-rows")).Not.ToContainTextAsync("\n24 80");
        await browser.Keyboard.TypeAsync("exit\n");
        await Assertions.Expect(browser.GetByText("Ended: the command ended")).ToBeVisibleAsync();
        Assert.Empty(wrong);

        // 4. Another page of the same browser that lacks our word gets no terminal, though the session travels along.
        var refused = await browser.EvaluateAsync<string>("""
            () => new Promise(done => {
              const socket = new WebSocket(`ws://${location.host}/api/v1/applications/box/terminal?object=Pod/box/box`, ["capstan.terminal", "guard.wrong"]);
              socket.onopen = () => done("opened");
              socket.onerror = () => done("refused");
            })
            """);
        Assert.Equal("refused", refused);
        await context.CloseAsync();

        // 5. Who had a terminal is on record.
        Assert.Contains("\"exec\"", await TextAsync(http, "/api/v1/activity", _server.TokenText), StringComparison.Ordinal);

        // 6. A terminal ends when it is not allowed any more.
        using var open = await ConnectAsync(_server.TokenText);
        await ApplyAsync("apiVersion: capstan.dev/v1alpha1\nkind: Settings\nmetadata: {name: capstan, namespace: capstan}\nspec: {terminals: false}\n");
        Assert.Contains("may not use this terminal any more", await EndAsync(open), StringComparison.Ordinal);
    }

    private async Task<ClientWebSocket> ConnectAsync(string token, string pod = "Pod/box/box")
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", "Bearer " + token);
        socket.Options.AddSubProtocol("capstan.terminal");
        await socket.ConnectAsync(new Uri($"ws://{_server.Url.Authority}/api/v1/applications/box/terminal?object={pod}"), Stop);
        return socket;
    }

    private static async Task<string> EndAsync(ClientWebSocket socket)
    {
        var buffer = new byte[4096];
        while ((await socket.ReceiveAsync(buffer.AsMemory(), Stop)).MessageType != WebSocketMessageType.Close)
        {
            // The prompt comes first.
        }

        return socket.CloseStatusDescription ?? "";
    }

    private static async Task<string> TokenAsync(HttpClient http, string administrator, string allow)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/tokens");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", administrator);
        request.Content = new StringContent(JsonSerializer.Serialize(new { name = "viewer", allow = new[] { allow } }), Encoding.UTF8, "application/json");
        using var made = await http.SendAsync(request, Stop);
        return JsonDocument.Parse(await made.Content.ReadAsStringAsync(Stop)).RootElement.GetProperty("token").GetString()!;
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string path, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await http.SendAsync(request, Stop);
        return answer.StatusCode;
    }

    private static async Task<string> TextAsync(HttpClient http, string path, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await http.SendAsync(request, Stop);
        return await answer.Content.ReadAsStringAsync(Stop);
    }

    private async Task ApplyAsync(string yaml) => await _cluster.ApplyAsync(new KubernetesObject((YamlMap)YamlText.ReadOne(yaml)), new ApplyOptions { Force = true }, Stop);
}
