using System.Diagnostics;

namespace Capstan.Testing;

/// <summary>The real <c>helm</c>, with a folder of its own for what it keeps.</summary>
public sealed class HelmProgram : IDisposable
{
    private readonly string _program;

    private HelmProgram(string program) => _program = program;

    /// <summary>Where it works, and where charts may be written.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("helm-judge-").FullName;

    /// <summary>Finds it; skips the test where it is not on this machine.</summary>
    public static HelmProgram Find()
    {
        var helm = Path.Combine(Environment.GetEnvironmentVariable("CAPSTAN_JUDGES") ?? "", "helm");
        Assert.SkipUnless(File.Exists(helm), "helm is not on this machine (CAPSTAN_JUDGES, from eng/judges/fetch.sh)");
        return new HelmProgram(helm);
    }

    /// <summary>Writes a file below <see cref="Folder"/>.</summary>
    public void Write(string path, string content)
    {
        var file = Path.Combine(Folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }

    /// <summary>Runs it and wants it to succeed.</summary>
    /// <returns>What it printed.</returns>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var (code, output, error) = await TryAsync(arguments);
        Assert.True(code == 0, $"helm {string.Join(' ', arguments)}: {error}");
        return output;
    }

    /// <summary>Runs it.</summary>
    public async Task<(int Code, string Output, string Error)> TryAsync(params string[] arguments)
    {
        var cancel = TestContext.Current.CancellationToken;
        var start = new ProcessStartInfo(_program, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var home in (string[])["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME", "DOCKER_CONFIG", "HOME"])
        {
            start.Environment[home] = Path.Combine(Folder, ".home", home);
        }

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(cancel);
        var output = await process.StandardOutput.ReadToEndAsync(cancel);
        await process.WaitForExitAsync(cancel);
        return (process.ExitCode, output, await error);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
