using System.Diagnostics;

namespace Capstan.LocalCluster.Tests;

/// <summary>Runs a real kubectl.</summary>
internal static class Kubectl
{
    public static IEnumerable<string> Programs()
    {
        var judges = Environment.GetEnvironmentVariable("CAPSTAN_JUDGES") ?? Newest(Path.Combine(Cache, "judges"));
        if (judges is not null && File.Exists(Path.Combine(judges, "kubectl")))
        {
            yield return Path.Combine(judges, "kubectl");
        }

        if (File.Exists("/usr/bin/kubectl"))
        {
            yield return "/usr/bin/kubectl";
        }
    }

    public static string Cache => Environment.GetEnvironmentVariable("CAPSTAN_BUILD_CACHE")
        ?? Path.Combine(Environment.GetEnvironmentVariable("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "capstan-build");

    public static Task<(int Code, string Output, string Error)> RunAsync(string program, string kubeconfig, string input, params string[] arguments) =>
        RunAsync(program, kubeconfig, input, arguments, new Dictionary<string, string>());

    public static async Task<(int Code, string Output, string Error)> RunAsync(
        string program, string kubeconfig, string input, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> variables)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        start.Environment["KUBECONFIG"] = kubeconfig;
        start.Environment["KUBECACHEDIR"] = Path.Combine(Path.GetDirectoryName(kubeconfig)!, "kube-cache");
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token);
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return (process.ExitCode, await output, await error);
    }

    private static string? Newest(string folder) => Directory.Exists(folder) ? Directory.GetDirectories(folder).OrderDescending().FirstOrDefault() : null;
}
