using System.Diagnostics;
using System.Text;

namespace Capstan.EndToEnd.Fixtures;

/// <summary>What a program answered.</summary>
internal sealed record Answer(int Code, string Out, string Error)
{
    public Answer Expect(int code)
    {
        Assert.True(Code == code, $"exit code {Code} instead of {code}\n--- out\n{Out}\n--- error\n{Error}");
        return this;
    }
}

/// <summary>Runs the programs that people run.</summary>
internal static class Programs
{
    private static readonly SemaphoreSlim Publishing = new(1, 1);
    private static string? _capstan;

    public static string Root { get; } = FindRoot();

    /// <summary>The published program: CAPSTAN_BINARY, else what ./publish makes.</summary>
    public static async Task<string> CapstanAsync()
    {
        if (Environment.GetEnvironmentVariable("CAPSTAN_BINARY") is { Length: > 0 } named) return named;
        await Publishing.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            return _capstan ??= (await RunAsync(Path.Combine(Root, "publish"), [], limit: TimeSpan.FromMinutes(20))).Expect(0).Out.Trim() + "/capstan";
        }
        finally
        {
            Publishing.Release();
        }
    }

    /// <summary>kubectl of the reference programs, or a skip.</summary>
    public static async Task<string> KubectlAsync()
    {
        if (Environment.GetEnvironmentVariable("CAPSTAN_JUDGES") is { Length: > 0 } named) return Path.Combine(named, "kubectl");
        var answer = await RunAsync(Path.Combine(Root, "eng/judges/fetch.sh"), [], limit: TimeSpan.FromMinutes(5));
        Assert.SkipUnless(answer.Code == 0, "kubectl is missing: " + answer.Error.Trim());
        return Path.Combine(answer.Out.Trim(), "kubectl");
    }

    /// <summary>A folder of the corpus of real repositories, or a skip.</summary>
    public static string Corpus(string path)
    {
        string?[] places = [Environment.GetEnvironmentVariable("CAPSTAN_CORPUS"), Path.Combine(Root, "../shared/corpus"), Path.Combine(Root, "../../shared/corpus")];
        var found = places.OfType<string>().FirstOrDefault(Directory.Exists);
        Assert.SkipWhen(found is null, "the corpus of real repositories is not on this machine (CAPSTAN_CORPUS names it)");
        return Path.Combine(found!, path);
    }

    public static async Task<Answer> RunAsync(string program, IReadOnlyList<string> arguments, string? folder = null, IReadOnlyDictionary<string, string>? environment = null, TimeSpan? limit = null, string? input = null)
    {
        using var process = Begin(program, arguments, folder, environment);
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timer.CancelAfter(limit ?? TimeSpan.FromMinutes(2));
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(timer.Token);
            var error = process.StandardError.ReadToEndAsync(timer.Token);
            if (input is not null) await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            await process.WaitForExitAsync(timer.Token);
            return new Answer(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)}: did not end in time");
        }
    }

    public static Process Begin(string program, IReadOnlyList<string> arguments, string? folder = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder ?? Path.GetTempPath(),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (var name in new[] { "CAPSTAN_SERVER", "CAPSTAN_TOKEN", "CAPSTAN_DATA", "KUBECONFIG" }) start.Environment.Remove(name);

        // These tests are not about containers, and their images are nowhere: whatever engine this machine has is left alone.
        start.Environment["DOCKER_HOST"] = "unix:///nowhere/docker.sock";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return Process.Start(start) ?? throw new InvalidOperationException($"{program}: did not start");
    }

    private static string FindRoot()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Capstan.slnx"))) return at.FullName;
        }
        throw new InvalidOperationException($"{AppContext.BaseDirectory} is not within a checkout: no folder above holds Capstan.slnx");
    }
}
