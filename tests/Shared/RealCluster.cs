using System.Diagnostics;

namespace Capstan.Testing;

/// <summary>
/// A real kube-apiserver with etcd and the controller manager, one for each test process, on free ports in a folder of its own. Link
/// this file into a test project by Compile Include.
/// </summary>
public static class RealCluster
{
    private static readonly SemaphoreSlim One = new(1);
    private static string? kubeconfig;
    private static string? folder;

    /// <summary>The kubeconfig of the running cluster, started at the first call. Skips the test when it was not built here.</summary>
    public static async Task<string> KubeconfigAsync()
    {
        await One.WaitAsync();
        try
        {
            return kubeconfig ??= await StartAsync();
        }
        finally
        {
            One.Release();
        }
    }

    private static async Task<string> StartAsync()
    {
        var scripts = Path.Combine(RepositoryRoot(), "eng", "real-cluster");
        var (built, _) = await RunAsync(Path.Combine(scripts, "build.sh"), "--if-built");
        if (built != 0)
        {
            Assert.Skip("the real API server is not built here; eng/real-cluster/build.sh builds it");
        }

        folder = Directory.CreateTempSubdirectory("capstan-real-cluster-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Stop(scripts);
        var (code, output) = await RunAsync(Path.Combine(scripts, "start.sh"), folder);
        Assert.True(code == 0, $"eng/real-cluster/start.sh failed with {code}");
        return output.Trim();
    }

    private static void Stop(string scripts)
    {
        using var stop = Process.Start(new ProcessStartInfo(Path.Combine(scripts, "stop.sh"), [folder!, "--now"]));
        stop?.WaitForExit(10_000);
        Directory.Delete(folder!, recursive: true);
    }

    private static async Task<(int Code, string Output)> RunAsync(string program, params string[] arguments)
    {
        var output = Path.Combine(Path.GetTempPath(), $"capstan-real-cluster-{Guid.NewGuid():N}.out");

        // To a file: servers that a script leaves running would keep a pipe open for as long as they live.
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "out=$1; shift; exec \"$@\" > \"$out\"", "sh", output, program, .. arguments]))!;
        await process.WaitForExitAsync();
        var text = await File.ReadAllTextAsync(output);
        File.Delete(output);
        return (process.ExitCode, text);
    }

    private static string RepositoryRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Capstan.slnx")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("Capstan.slnx is not above the test's folder");
    }
}
