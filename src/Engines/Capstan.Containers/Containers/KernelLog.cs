using System.Runtime.InteropServices;
using System.Text;

namespace Capstan.Containers.Containers;

/// <summary>
/// The kernel's own word on who was ended for want of memory, as the kubelet's watcher reads it too: engines overlook it where they cannot
/// follow the memory controller (Podman 4 with version 1 of cgroups).
/// </summary>
internal static partial class KernelLog
{
    private const int ReadAll = 3;
    private const int Size = 10;

    /// <summary>Whether the kernel ended a process of this container for want of memory; false too where its log may not be read.</summary>
    public static bool EndedForMemory(string containerId)
    {
        if (!System.OperatingSystem.IsLinux())
        {
            return false;
        }

        var size = KernelLogControl(Size, [], 0);
        if (size <= 0)
        {
            return false;
        }

        var buffer = new byte[size];
        var read = KernelLogControl(ReadAll, buffer, buffer.Length);
        return read > 0 && Tells(Encoding.UTF8.GetString(buffer, 0, read), containerId);
    }

    /// <summary>Whether a log has a line <c>oom-kill:… oom_memcg=/…ID…</c>.</summary>
    internal static bool Tells(string log, string containerId)
    {
        foreach (var line in log.AsSpan().EnumerateLines())
        {
            var group = line.IndexOf("task_memcg=", StringComparison.Ordinal);
            if (group >= 0 && line.Contains("oom-kill:", StringComparison.Ordinal) && line[group..].Contains(containerId, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    [LibraryImport("libc", EntryPoint = "klogctl")]
    private static partial int KernelLogControl(int type, byte[] buffer, int length);
}
