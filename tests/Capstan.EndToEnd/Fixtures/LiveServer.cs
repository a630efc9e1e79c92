using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.EndToEnd.Fixtures;

/// <summary>The published program, serving from a data folder of its own on free ports; and the commands that a person would give it.</summary>
public sealed partial class LiveServer : IAsyncDisposable
{
    private readonly StringBuilder _log = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("capstan-e2e-").FullName;
    private Process? _process;
    private string _listen = "127.0.0.1:0";
    private string _clusterListen = "127.0.0.1:0";

    public string Data => Path.Combine(_folder, "data");

    public string Url { get; private set; } = "";

    public string Token => File.ReadAllText(Path.Combine(Data, "token")).Trim();

    public string Log
    {
        get
        {
            lock (_log) return _log.ToString();
        }
    }

    /// <summary>Further options of <c>capstan up</c>.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    public static async Task<LiveServer> StartAsync(params string[] options)
    {
        var server = new LiveServer { Options = options };
        await server.UpAsync();
        return server;
    }

    /// <summary>Starts it; the second time where it was.</summary>
    public async Task UpAsync()
    {
        var ready = new TaskCompletionSource();
        _process = Programs.Begin(await Programs.CapstanAsync(), ["up", "--data", Data, "--listen", _listen, "--cluster-listen", _clusterListen, "--create-on-push", .. Options]);
        _process.EnableRaisingEvents = true;
        _process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException("the server ended:\n" + Log));
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null) return;
            lock (_log) _log.AppendLine(line.Data);
            if (line.Data.StartsWith("kubeconfig: ", StringComparison.Ordinal)) ready.TrySetResult();
            if (Serving().Match(line.Data) is { Success: true } match) Url = match.Groups[1].Value;
        };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await ready.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        _listen = new Uri(Url).Authority;
        if (ClusterServer().Match(await File.ReadAllTextAsync(Path.Combine(Data, "kubeconfig"))) is { Success: true } cluster) _clusterListen = cluster.Groups[1].Value;
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    internal async Task<Answer> CapstanAsync(params string[] arguments) =>
        await Programs.RunAsync(await Programs.CapstanAsync(), arguments, environment: new Dictionary<string, string> { ["CAPSTAN_SERVER"] = Url, ["CAPSTAN_DATA"] = Data });

    internal async Task<Answer> KubectlAsync(params string[] arguments) =>
        await Programs.RunAsync(await Programs.KubectlAsync(), ["--kubeconfig", Path.Combine(Data, "kubeconfig"), .. arguments], environment: new Dictionary<string, string> { ["HOME"] = _folder });

    /// <summary>An application as the API shows it.</summary>
    internal async Task<KubernetesObject> AppAsync(string name) =>
        new((YamlMap)JsonText.Read((await CapstanAsync("get", "app", name, "-o", "json")).Expect(0).Out));

    /// <summary>Waits for Synced and Healthy at a commit.</summary>
    internal async Task ConvergeAsync(string app, string commit)
    {
        await Eventually.BecomesAsync($"application {app} is known", async () => (await CapstanAsync("get", "app", app, "-o", "name")).Code == 0);
        var answer = await CapstanAsync("wait", app, "--revision", commit, "--timeout", "60s");
        if (answer.Code == 0) return;
        Assert.Fail($"{answer.Error}\n{(await CapstanAsync("why", app)).Out}\n{Log}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
        _process?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [GeneratedRegex("^serving on (http://[0-9.:]+)/?$")]
    private static partial Regex Serving();

    [GeneratedRegex("https://([0-9.]+:[0-9]+)")]
    private static partial Regex ClusterServer();
}
