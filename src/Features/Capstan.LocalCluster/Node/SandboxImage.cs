using Capstan.Containers;
using Capstan.Containers.Images;

namespace Capstan.LocalCluster.Node;

/// <summary>
/// The image of the container that holds a pod's network: one program of some hundred bytes, written here by hand, that sleeps until it is
/// killed. Nothing is pulled, and nothing can be run in it.
/// </summary>
internal static class SandboxImage
{
    public const string Name = "localhost/capstan/sandbox:1";

    /// <summary>Where the program is, in the image.</summary>
    public const string Program = "/pause";

    // pause(2), again and again:
    //   b8 22 00 00 00   mov eax, 34    the number of pause
    //   0f 05            syscall
    //   eb f7            jmp to the start
    private static readonly byte[] Amd64 = [0xb8, 0x22, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7];

    // ppoll(2) of nothing, without an end, again and again (there is no pause on this machine); each is one instruction of four bytes:
    //   mov x0..x4, #0   no files, none of them, no time limit, no mask of no size
    //   mov x8, #73      the number of ppoll
    //   svc #0
    //   b                to the start
    private static readonly uint[] Arm64 = [0xd2800000, 0xd2800001, 0xd2800002, 0xd2800003, 0xd2800004, 0xd2800928, 0xd4000001, 0x17fffff9];

    /// <summary>Puts the image into the engine's store when it is not there.</summary>
    public static async Task EnsureAsync(ContainerEngine engine, CancellationToken cancellation)
    {
        if (await engine.Images.InspectAsync(Name, cancellation).ConfigureAwait(false) is null)
        {
            await engine.Images.LoadAsync(new MemoryStream(Archive(engine.Images.Architecture)), cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>The image as an archive.</summary>
    internal static byte[] Archive(string architecture) => ImageArchive.Write(new ImageContent
    {
        Name = Name,
        Architecture = architecture,
        Layer = ImageArchive.Layer((Program[1..], Executable(architecture), UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute)),
        Entrypoint = [Program],
        Environment = [],
    });

    /// <summary>The program.</summary>
    internal static byte[] Executable(string architecture) =>
        ElfProgram.Write(architecture, architecture == "arm64" ? [.. Arm64.SelectMany(BitConverter.GetBytes)] : Amd64);
}
