using System.ComponentModel;
using System.Diagnostics;
using System.Net;

namespace Capstan.LocalCluster.Node.Network;

/// <summary>
/// Makes the addresses of Services this machine's own: one local route for all of them, so that a listener can be bound to any. What pods
/// send there comes here through their gateway. Needs root.
/// </summary>
internal static class HostRoute
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Adds the route when it is not there.</summary>
    /// <returns>Whether it was added here, and why the addresses cannot be used (null when they can).</returns>
    public static async Task<(bool Added, string? Problem)> EnsureAsync(ServiceRange range, CancellationToken cancellation)
    {
        if (!OperatingSystem.IsLinux())
        {
            return (false, "this machine is not Linux");
        }

        if (Environment.UserName != "root")
        {
            return (false, "only root can make the addresses of Services this machine's own; run Capstan as root for names of Services within pods");
        }

        var (code, way) = await RunAsync(["-oneline", "route", "get", range.Dns.ToString()], cancellation).ConfigureAwait(false);
        if (code == 0 && way.StartsWith("local ", StringComparison.Ordinal))
        {
            return (false, null);
        }

        // Through a gateway is the default route; anything else is a network of that range that the machine has already.
        if (code == 0 && !way.Contains(" via ", StringComparison.Ordinal))
        {
            return (false, $"this machine is in a network with addresses of {range} already ({way.Trim()})");
        }

        var (added, said) = await RunAsync(["route", "add", "local", range.ToString(), "dev", "lo"], cancellation).ConfigureAwait(false);
        return added == 0 || said.Contains("File exists", StringComparison.Ordinal)
            ? (added == 0, null)
            : (false, $"the route to {range} could not be added: {said.Trim()}");
    }

    /// <summary>Takes the route away again.</summary>
    public static Task RemoveAsync(ServiceRange range) => RunAsync(["route", "del", "local", range.ToString(), "dev", "lo"], CancellationToken.None);

    /// <summary>The name servers of this machine.</summary>
    public static IReadOnlyList<IPEndPoint> NameServers()
    {
        const string resolver = "/etc/resolv.conf";
        return !File.Exists(resolver) ? [] :
        [
            .. File.ReadLines(resolver).Select(l => l.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
                .Where(w => w is ["nameserver", ..]).Select(w => IPAddress.TryParse(w[1], out var address) ? new IPEndPoint(address, 53) : null).OfType<IPEndPoint>().Take(3),
        ];
    }

    private static async Task<(int Code, string Said)> RunAsync(string[] arguments, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        try
        {
            using var process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardOutput = true, RedirectStandardError = true });
            if (process is null)
            {
                return (-1, "ip could not be started");
            }

            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            return (process.ExitCode, await output.ConfigureAwait(false) + await errors.ConfigureAwait(false));
        }
        catch (Win32Exception missing)
        {
            return (-1, $"the program ip is not there ({missing.Message}); Debian's package is iproute2");
        }
    }
}
