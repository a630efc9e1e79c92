using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Capstan.Kubernetes;
using Capstan.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Server.Tests;

/// <summary>A whole server whose repositories may run jobs as processes, a folder to push from, and what the API says of runs.</summary>
public sealed class WorkflowServer : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _folder = Directory.CreateTempSubdirectory("capstan-workflows-").FullName;
    private int _clones;

    internal CapstanServer Server { get; private set; } = null!;

    internal HttpClient Http { get; private set; } = null!;

    /// <summary>What git said to the last push.</summary>
    internal string Said { get; private set; } = "";

    /// <summary>The server's clock.</summary>
    internal TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Whether everybody may read.</summary>
    internal bool Anonymous { get; init; }

    /// <summary>Where telemetry goes.</summary>
    internal Metrics.TelemetryOptions? Telemetry { get; init; }

    internal string Data => Path.Combine(_folder, "data");

    public async ValueTask InitializeAsync() => await StartAsync();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    internal async Task StartAsync()
    {
        Directory.CreateDirectory(Data);
        var settings = ServerFixture.Settings(Data) with { CreateOnPush = true, AllowHostJobs = ["*"], AllowAnonymous = Anonymous, Telemetry = Telemetry };
        Server = await CapstanServer.StartAsync(settings, Time, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        Http = new HttpClient { BaseAddress = Server.Url };
        Http.DefaultRequestHeaders.Authorization = new("Bearer", Server.TokenText);
    }

    internal async Task StopAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
    }

    /// <summary>A repository of these files, pushed to the server under a name.</summary>
    /// <param name="name">The repository's name.</param>
    /// <param name="files">Paths and contents.</param>
    /// <param name="byPath">Whether it is pushed to the folder on the disk, past the server, which therefore gets no event.</param>
    /// <param name="branch">The branch.</param>
    internal string Push(string name, IReadOnlyList<(string Path, string Content)> files, bool byPath = false, string branch = "main")
    {
        var clone = Path.Combine(_folder, $"clone-{++_clones}");
        Directory.CreateDirectory(clone);
        foreach (var (path, content) in files)
        {
            var target = Path.Combine(clone, path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllText(target, content);
        }

        Git(clone, "init", "-q", "-b", "main");
        Git(clone, "add", ".");
        Git(clone, "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "-q", "-m", "Work\n\nMore of it");
        Said = Git(clone, "push", "--force", byPath ? Path.Combine(Data, "git", name + ".git") : $"{Server.Url.Scheme}://x:{Server.TokenText}@{Server.Url.Authority}/git/{name}.git", $"main:{branch}");
        return Git(clone, "rev-parse", "HEAD").Trim();
    }

    /// <summary>A repository with one workflow <c>ci.yaml</c>, pushed.</summary>
    internal string Push(string name, string workflow) => Push(name, [(".github/workflows/ci.yaml", workflow)]);

    /// <summary>The only run of a repository, when it has ended.</summary>
    internal async Task<JsonElement> EndedAsync(string repository) => await WaitAsync(repository, run => run.GetProperty("phase").GetString() == "completed");

    /// <summary>A run of a repository as soon as one is as wanted, whichever others began after it.</summary>
    internal async Task<JsonElement> AnyAsync(string repository, Func<JsonElement, bool> wanted)
    {
        for (var started = Stopwatch.StartNew(); started.Elapsed < Patience;)
        {
            foreach (var run in (await RunsAsync(repository)).Where(wanted)) return run;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"{repository}: none of its runs is as wanted");
        return default;
    }

    /// <summary>The newest run of a repository as soon as it is as wanted.</summary>
    internal async Task<JsonElement> WaitAsync(string repository, Func<JsonElement, bool> wanted)
    {
        var started = Stopwatch.StartNew();
        JsonElement last = default;
        while (started.Elapsed < Patience)
        {
            var runs = await RunsAsync(repository);
            if (runs.Count > 0 && wanted(last = runs[0])) return last;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"{repository}: waited in vain; the newest run is {last}");
        return default;
    }

    internal async Task<IReadOnlyList<JsonElement>> RunsAsync(string repository)
    {
        var list = await Http.GetFromJsonAsync<JsonElement>($"/api/v1/runs?repository={Uri.EscapeDataString(repository)}", TestContext.Current.CancellationToken);
        return [.. list.GetProperty("items").EnumerateArray()];
    }

    /// <summary>The whole log of a run that has ended, without times.</summary>
    internal async Task<string> LogAsync(JsonElement run)
    {
        var text = await Http.GetStringAsync($"/api/v1/runs/{run.GetProperty("name").GetString()}/log", TestContext.Current.CancellationToken);
        var lines = text.Split('\n').Where(l => l.StartsWith("data: ", StringComparison.Ordinal)).Select(l => JsonDocument.Parse(l["data: ".Length..]).RootElement).ToList();
        Assert.Equal(Enumerable.Range(1, lines.Count), lines.Select(l => l.GetProperty("number").GetInt32()));
        return string.Concat(lines.Select(l => l.GetProperty("text").GetString() + "\n"));
    }

    internal async Task<HttpStatusCode> PostAsync(string path, object body)
    {
        using var answer = await Http.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    internal ClusterClient Cluster() => new(ClusterConnection.FromKubeconfig(Server.Kubeconfig), TimeProvider.System, NullLogger.Instance);

    /// <summary>The command line of a process; empty when it has ended meanwhile.</summary>
    internal static string CommandLineOf(Process process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process.Id}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <summary>Calls git, which has to succeed; of a push what it said, else what it printed.</summary>
    internal static string Git(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using var git = Process.Start(start)!;
        var output = git.StandardOutput.ReadToEnd();
        var error = git.StandardError.ReadToEnd();
        git.WaitForExit();
        Assert.True(git.ExitCode == 0, error);
        return arguments is ["push", ..] ? error : output;
    }
}
