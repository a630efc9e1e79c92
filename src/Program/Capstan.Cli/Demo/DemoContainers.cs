using Capstan.Sources.Processes;

namespace Capstan.Cli.Demo;

/// <summary>Whether the demo can run containers: with the engine of the machine, or with a Podman of its own, which is installed where that can be done.</summary>
internal sealed class DemoContainers(CliContext context, bool ask)
{
    private static readonly string[] Sockets = ["/var/run/docker.sock", "/run/podman/podman.sock"];
    private static readonly string[] Packages = ["podman", "runc", "netavark", "aardvark-dns"];
    private static readonly TimeSpan InstallLimit = TimeSpan.FromMinutes(5);

    public async Task<bool> AreThereAsync(CancellationToken cancellation)
    {
        if (!WebServer.IsForThisMachine)
        {
            context.Say("The sample's program is made for amd64, and this machine is another: pods are simulated");
            return false;
        }

        if (context.Environment("DOCKER_HOST") is not null || Sockets.Any(File.Exists)) return true;
        if (!OperatingSystem.IsLinux() || System.Environment.UserName != "root")
        {
            context.Say("No Docker or Podman answers here, and without root none can be started: pods are simulated");
            return false;
        }

        return IsInstalled("podman") || await InstallAsync(cancellation).ConfigureAwait(false);
    }

    private async Task<bool> InstallAsync(CancellationToken cancellation)
    {
        if (!IsInstalled("apt-get"))
        {
            context.Say("Neither Docker nor Podman is installed: pods are simulated");
            return false;
        }

        if (ask)
        {
            await context.Error.WriteAsync($"Neither Docker nor Podman is installed. Install {string.Join(", ", Packages)} with apt-get? [y/N] ").ConfigureAwait(false);
            if (await context.In.ReadLineAsync(cancellation).ConfigureAwait(false) is not ("y" or "Y" or "yes"))
            {
                context.Say("Pods are simulated");
                return false;
            }
        }

        context.Say($"Installing {string.Join(", ", Packages)} with apt-get, so that pods are real containers (`capstan demo --simulate` does without)");
        var environment = new Dictionary<string, string> { ["DEBIAN_FRONTEND"] = "noninteractive", ["PATH"] = context.Environment("PATH") ?? "/usr/sbin:/usr/bin:/sbin:/bin", ["LC_ALL"] = "C" };
        var runner = new ProcessRunner(context.Clock);
        foreach (string[] arguments in (string[][])[["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", .. Packages]])
        {
            var result = await runner.RunAsync(new ProgramCall("apt-get", arguments) { Environment = environment, TimeLimit = InstallLimit, WorkingFolder = "/" }, cancellation).ConfigureAwait(false);
            if (result.ExitCode == 0) continue;
            context.Say($"apt-get {arguments[0]} ended with {result.ExitCode} ({result.Errors.Trim().Split('\n')[^1]}): pods are simulated");
            return false;
        }

        return IsInstalled("podman");
    }

    private bool IsInstalled(string program) => (context.Environment("PATH") ?? "").Split(Path.PathSeparator).Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, program)));
}
