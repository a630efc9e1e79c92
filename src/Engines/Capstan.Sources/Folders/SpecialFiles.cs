using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Capstan.Sources.Folders;

/// <summary>
/// Tells pipes, sockets and devices from files before they are opened: opening a pipe waits for a writer that may never come, and a device may
/// have no end. .NET tells no kinds of files, so Linux is asked itself (statx(2), whose layout is the same on all processors).
/// </summary>
public static partial class SpecialFiles
{
    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const uint TypeOnly = 1;
    private const int ModeOffset = 28;
    private const int TypeMask = 0xf000;
    private const int RegularFile = 0x8000;
    private const int Folder = 0x4000;
    private const int Link = 0xa000;

    /// <summary>Whether something is neither a file nor a folder nor a link. False where the system is not asked, and where nothing is.</summary>
    public static bool IsSpecial(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        var buffer = new byte[256];
        return Statx(CurrentFolder, path, NoFollow, TypeOnly, buffer) == 0
            && (BitConverter.IsLittleEndian ? BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(ModeOffset)) : BinaryPrimitives.ReadUInt16BigEndian(buffer.AsSpan(ModeOffset))) is var mode
            && (mode & TypeMask) is not (RegularFile or Folder or Link);
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, [Out] byte[] buffer);
}
