using System.Runtime.InteropServices;

namespace Capstan.LocalCluster.Node.Volumes;

/// <summary>Puts a link in the place of another in one step, which <see cref="File.Move(string, string, bool)"/> does not do with links to folders.</summary>
internal static partial class LinkReplacement
{
    /// <exception cref="IOException">The system refused.</exception>
    public static void Replace(string from, string to)
    {
        if (Rename(from, to) != 0)
        {
            throw new IOException($"{to} could not be replaced by {from} ({Marshal.GetLastPInvokeErrorMessage()})");
        }
    }

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(string from, string to);
}
