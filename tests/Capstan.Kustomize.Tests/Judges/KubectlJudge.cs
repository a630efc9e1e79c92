using System.Diagnostics;

namespace Capstan.Kustomize.Tests.Judges;

/// <summary>Asks the real kubectl what a kustomization builds to.</summary>
internal static class KubectlJudge
{
    /// <summary>The program, or null where no judges were fetched.</summary>
    public static string? Program { get; } = Find();

    public static async Task<(int Exit, string Output, string Error)> BuildAsync(string folder, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(Program!, ["kustomize", folder]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KUBECONFIG"] = "/dev/null";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var error = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return (process.ExitCode, await output, await error);
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("CAPSTAN_JUDGES") is { } configured)
        {
            return Path.Combine(configured, "kubectl");
        }

        var cache = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "capstan-build", "judges");
        return Directory.Exists(cache) ? Directory.EnumerateFiles(cache, "kubectl", SearchOption.AllDirectories).FirstOrDefault() : null;
    }
}
