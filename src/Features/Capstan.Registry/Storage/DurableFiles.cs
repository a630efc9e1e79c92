using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Capstan.Registry.Storage;

/// <summary>Files that are there after a power cut once the call has returned: written aside, flushed, renamed, and the folder flushed.</summary>
internal static partial class DurableFiles
{
    private const int ReadOnly = 0;

    /// <summary>Makes a folder and those above it, each flushed into its parent.</summary>
    public static void EnsureFolder(string folder)
    {
        if (Directory.Exists(folder)) return;
        var parent = Path.GetDirectoryName(folder)!;
        EnsureFolder(parent);
        Directory.CreateDirectory(folder);
        FlushFolder(parent);
    }

    /// <summary>Writes a small file in one step: a reader sees the old content or the new, never a part.</summary>
    /// <param name="path">Where.</param>
    /// <param name="content">Its content.</param>
    /// <param name="drafts">A folder on the same disk.</param>
    public static void Write(string path, ReadOnlySpan<byte> content, string drafts)
    {
        EnsureFolder(Path.GetDirectoryName(path)!);
        var draft = Path.Combine(drafts, Guid.NewGuid().ToString("N"));
        try
        {
            using (var handle = File.OpenHandle(draft, FileMode.CreateNew, FileAccess.Write))
            {
                RandomAccess.Write(handle, content, 0);
                RandomAccess.FlushToDisk(handle);
            }

            MoveInto(draft, path);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <summary>Renames a flushed file into its place.</summary>
    public static void MoveInto(string draft, string path)
    {
        File.Move(draft, path, overwrite: true);
        FlushFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Removes a file; that it is gone is flushed too.</summary>
    /// <returns>Whether it was there.</returns>
    public static bool Remove(string path)
    {
        if (!File.Exists(path)) return false;
        File.Delete(path);
        FlushFolder(Path.GetDirectoryName(path)!);
        return true;
    }

    /// <summary>Flushes a folder: which files it holds.</summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = Open(folder, ReadOnly);
        if (descriptor < 0) throw new IOException($"{folder}: cannot be flushed to the disk: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        RandomAccess.FlushToDisk(handle);
    }

    // .NET opens no folders.
    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);
}
