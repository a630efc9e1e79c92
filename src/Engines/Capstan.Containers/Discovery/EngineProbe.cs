using Docker.DotNet;

namespace Capstan.Containers.Discovery;

/// <summary>Asks an engine what it is.</summary>
internal static class EngineProbe
{
    public static async Task<EngineInfo> AskAsync(DockerClient client, Uri address, EngineCall call, CancellationToken cancellation)
    {
        var version = await call.QuickAsync("asking for the version", client.System.GetVersionAsync, cancellation).ConfigureAwait(false);
        var info = await call.QuickAsync("asking what it is", client.System.GetSystemInfoAsync, cancellation).ConfigureAwait(false);
        var podman = version.Components?.Any(c => c.Name.StartsWith("Podman", StringComparison.OrdinalIgnoreCase)) == true;
        return new EngineInfo
        {
            Address = address,
            Name = podman ? "podman" : "docker",
            Version = version.Version ?? "",
            OperatingSystem = version.Os ?? info.OSType ?? "linux",
            Architecture = Architecture(version.Arch ?? info.Architecture ?? ""),
            Kernel = version.KernelVersion ?? info.KernelVersion ?? "",
            Processors = info.NCPU,
            MemoryBytes = info.MemTotal,
            Rootless = info.SecurityOptions?.Any(o => o.Contains("rootless", StringComparison.Ordinal)) == true || (podman && address.Scheme == "unix" && address.LocalPath.StartsWith("/run/user/", StringComparison.Ordinal)),
            SharesKernel = address.Scheme == "unix" && SameKernel(version.KernelVersion ?? info.KernelVersion ?? ""),
        };
    }

    private static bool SameKernel(string kernel)
    {
        const string release = "/proc/sys/kernel/osrelease";
        return System.OperatingSystem.IsLinux() && File.Exists(release) && File.ReadAllText(release).Trim() == kernel;
    }

    private static string Architecture(string machine) => machine switch
    {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        _ => machine,
    };
}
