using System.Globalization;
using Docker.DotNet.Models;

namespace Capstan.Containers.Containers;

/// <summary>
/// The limits on files and processes that containers get: those of this process, where the engine runs beside it. An engine's own default
/// may be more than a confined machine allows, and then nothing starts. Podman lowers its own limit on processes to the machine's number of
/// process ids, and cannot give more than it has.
/// </summary>
internal static class HostLimits
{
    private const string Limits = "/proc/self/limits";
    private const string ProcessIds = "/proc/sys/kernel/pid_max";
    private const long MostFiles = 1_048_576;

    public static IReadOnlyList<Ulimit> Of(bool sharesKernel) => sharesKernel && File.Exists(Limits) && File.Exists(ProcessIds)
        ? Read(File.ReadAllLines(Limits), long.Parse(File.ReadAllText(ProcessIds), CultureInfo.InvariantCulture))
        : [];

    internal static IReadOnlyList<Ulimit> Read(IEnumerable<string> lines, long processIds)
    {
        var limits = new List<Ulimit>();
        foreach (var line in lines)
        {
            var name = line.StartsWith("Max open files", StringComparison.Ordinal) ? "nofile" : line.StartsWith("Max processes", StringComparison.Ordinal) ? "nproc" : "";
            if (name.Length == 0)
            {
                continue;
            }

            // Max open files            1024                 20000                files
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var most = name == "nofile" ? MostFiles : processIds;
            var hard = long.TryParse(words[^2], CultureInfo.InvariantCulture, out var number) ? Math.Min(number, most) : most;
            limits.Add(new Ulimit { Name = name, Soft = hard, Hard = hard });
        }

        return limits;
    }
}
