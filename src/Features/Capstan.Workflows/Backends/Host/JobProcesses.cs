using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Capstan.Workflows.Backends.Host;

/// <summary>The processes of a job, found by a variable that all of them inherit: also those that put themselves into the background, into another
/// group, or under another parent, and those of a server that was killed.</summary>
/// <param name="owner">Whose jobs.</param>
/// <param name="key">Which job; empty for all of the owner's.</param>
/// <param name="time">The clock.</param>
internal sealed class JobProcesses(string owner, string key, TimeProvider time)
{
    /// <summary>The variable that marks them.</summary>
    public const string Variable = "CAPSTAN_JOB";

    private const int Rounds = 200;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>The variable's value.</summary>
    public string Mark { get; } = $"{owner}/{key}";

    /// <summary>Kills them until none is left; those that are made meanwhile too.</summary>
    public async Task EndAllAsync(CancellationToken cancellation)
    {
        if (!OperatingSystem.IsLinux()) return;
        for (var round = 0; round < Rounds && KillOnce(); round++) await Task.Delay(Pause, time, cancellation).ConfigureAwait(false);
    }

    private bool KillOnce()
    {
        var found = false;
        var wanted = Encoding.UTF8.GetBytes($"{Variable}={Mark}");
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id == Environment.ProcessId || !IsMarked(folder, wanted)) continue;
            found |= Kill(id);
        }

        return found;
    }

    private bool IsMarked(string folder, byte[] wanted)
    {
        try
        {
            ReadOnlySpan<byte> variables = File.ReadAllBytes(Path.Combine(folder, "environ"));
            while (variables.Length > 0)
            {
                var end = variables.IndexOf((byte)0);
                var one = end < 0 ? variables : variables[..end];
                if (key.Length == 0 ? one.StartsWith(wanted) : one.SequenceEqual(wanted)) return true;
                variables = end < 0 ? default : variables[(end + 1)..];
            }
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // It has ended, or is another user's.
            return false;
        }

        return false;
    }

    private static bool Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
            return true;
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
