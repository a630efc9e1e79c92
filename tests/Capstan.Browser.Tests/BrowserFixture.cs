using System.Diagnostics;
using System.Net;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Server.Hosting;
using Capstan.Yaml;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Playwright;

namespace Capstan.Browser.Tests;

/// <summary>A server with one application that was pushed with git, one that is broken, and Debian's Chromium.</summary>
public sealed partial class BrowserFixture : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("capstan-browser-").FullName;
    private IPlaywright? _playwright;

    internal CapstanServer Server { get; private set; } = null!;

    internal ClusterClient Cluster { get; private set; } = null!;

    internal IBrowser Browser { get; private set; } = null!;

    /// <summary>Where screenshots are put, for people to look at.</summary>
    internal static string Screenshots { get; } = Path.Combine(Root(), "artifacts", "screenshots");

    public async ValueTask InitializeAsync()
    {
        var chromium = Environment.GetEnvironmentVariable("CAPSTAN_CHROMIUM") ?? "/usr/bin/chromium";
        Assert.SkipUnless(File.Exists(chromium), "chromium is not on this machine (apt-get install chromium)");
        Directory.CreateDirectory(Screenshots);
        Server = await CapstanServer.StartAsync(new ServerSettings
        {
            Data = Path.Combine(_data, "data"),
            Listen = new ListenAddress(IPAddress.Loopback, 0),
            ClusterListen = new ListenAddress(IPAddress.Loopback, 0),
            Version = "capstan test",
            CreateOnPush = true,
            AllowHostJobs = ["*"],
        }, TimeProvider.System, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        Cluster = new ClusterClient(ClusterConnection.FromKubeconfig(Server.Kubeconfig), TimeProvider.System, NullLogger.Instance);
        await PushAsync();
        await ApplyAsync("shop", "shop", "deploy", automated: true);
        await ApplyAsync("broken", "shop", "no-such-folder", automated: false);
        await UntilAsync("shop is synced", async () => await StateAsync("shop") == "Synced Healthy");
        await UntilAsync("broken is known", async () => (await StateAsync("broken")).Length > 0);
        await DeliverAsync();
        _playwright = await Playwright.CreateAsync();
        Browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = chromium,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (Browser is not null) await Browser.DisposeAsync();
        _playwright?.Dispose();
        Cluster?.Dispose();
        if (Server is not null) await Server.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    /// <summary>A browser of somebody who is signed in.</summary>
    internal async Task<IPage> OpenAsync(ColorScheme theme = ColorScheme.Light, int width = 1440, bool scripts = true)
    {
        var context = await Browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = Server.Url.ToString(),
            ColorScheme = theme,
            ViewportSize = new ViewportSize { Width = width, Height = 900 },
            JavaScriptEnabled = scripts,
        });
        var page = await context.NewPageAsync();
        await page.GotoAsync(Server.SignInLink().PathAndQuery);
        return page;
    }

    internal async Task<string> StateAsync(string application)
    {
        var found = await Cluster.FindAsync(new ObjectKey(new GroupKind("argoproj.io", "Application"), "capstan", application), TestContext.Current.CancellationToken);
        return found?.Status.At("sync", "status")?.AsString() is { } sync ? $"{sync} {found.Status.At("health", "status")?.AsString()}" : "";
    }

    internal async Task ApplyAsync(string name, string repository, string path, bool automated, string labels = "{}") =>
        await Cluster.ApplyAsync(new KubernetesObject((YamlMap)YamlText.ReadOne($$"""
            apiVersion: argoproj.io/v1alpha1
            kind: Application
            metadata: {name: {{name}}, namespace: capstan, annotations: {{labels}} }
            spec:
              project: default
              source: {repoURL: "{{Server.Url.ToString().TrimEnd('/')}}/git/{{repository}}.git", path: {{path}}, targetRevision: main}
              destination: {server: https://kubernetes.default.svc, namespace: shop}
              syncPolicy: {syncOptions: [CreateNamespace=true]{{(automated ? ", automated: {prune: true, selfHeal: true}" : "")}} }
            """)), new ApplyOptions { Force = true }, TestContext.Current.CancellationToken);

    /// <summary>Writes files and pushes them.</summary>
    internal async Task PushAsync(string message = "Begin the shop", int replicas = 2)
    {
        var folder = Path.Combine(_data, "shop");
        var first = !Directory.Exists(folder);
        Directory.CreateDirectory(Path.Combine(folder, "deploy"));
        await File.WriteAllTextAsync(Path.Combine(folder, "README.md"), "# shop\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "deploy", "web.yaml"), $$"""
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              replicas: {{replicas}}
              selector: {matchLabels: {app: web} }
              template:
                metadata: {labels: {app: web} }
                spec: {containers: [{name: web, image: "shop/web:1"}]}
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: keys}
            stringData: {password: canary-value-of-a-secret}
            """, TestContext.Current.CancellationToken);
        if (first) await GitAsync(folder, "init", "--quiet", "--initial-branch=main");
        await GitAsync(folder, "add", "--all");
        await GitAsync(folder, "commit", "--quiet", "--message", message);
        await GitAsync(folder, "push", "--quiet", $"http://x:{Server.TokenText}@{Server.Url.Authority}/git/shop.git", "HEAD:main");
    }

    internal static async Task UntilAsync(string what, Func<Task<bool>> reached)
    {
        var started = Stopwatch.StartNew();
        while (!await reached())
        {
            Assert.True(started.Elapsed < TimeSpan.FromSeconds(60), $"did not happen in time: {what}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    internal static async Task GitAsync(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments) { WorkingDirectory = folder, RedirectStandardError = true };
        foreach (var (name, value) in new[] { ("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_AUTHOR_NAME", "Dev"), ("GIT_AUTHOR_EMAIL", "dev@example.test"), ("GIT_COMMITTER_NAME", "Dev"), ("GIT_COMMITTER_EMAIL", "dev@example.test"), ("GIT_TERMINAL_PROMPT", "0") })
        {
            start.Environment[name] = value;
        }
        using var git = Process.Start(start)!;
        var errors = await git.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await git.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(git.ExitCode == 0, errors);
    }

    private static string Root()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Capstan.slnx"))) return at.FullName;
        }
        throw new InvalidOperationException($"{AppContext.BaseDirectory} is not within a checkout");
    }
}

[CollectionDefinition(Name)]
public sealed class BrowserTests : ICollectionFixture<BrowserFixture>
{
    public const string Name = "browser";
}
