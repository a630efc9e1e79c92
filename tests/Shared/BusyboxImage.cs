using System.Formats.Tar;
using Capstan.Containers.Images;

namespace Capstan.Testing;

/// <summary>An image made of the machine's own static busybox: nothing is pulled.</summary>
public static class BusyboxImage
{
    public const string Name = "localhost/capstan-test/busybox:1";

    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead
        | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>The program; null where it is not installed.</summary>
    public static string? Program => File.Exists("/bin/busybox") ? "/bin/busybox" : null;

    private static readonly string[] Applets =
    [
        "sh", "ls", "cat", "echo", "sleep", "wget", "nslookup", "httpd", "id", "env", "mkdir", "touch", "rm", "true", "false", "kill", "ps", "tar",
        "head", "tail", "nc", "date", "ip", "stat", "test", "printf", "grep", "seq", "yes", "dd", "pwd", "hostname", "stty", "wc", "sed", "cp", "chmod", "find", "trap", "timeout", "base64", "ping",
    ];

    /// <summary>An archive to load, with further files; those under <c>bin/</c> can be run.</summary>
    public static byte[] Archive(string name, string architecture, params (string Path, byte[] Content)[] files) =>
        ImageArchive.Write(Image(name, architecture, files));

    /// <summary>The image before it is an archive.</summary>
    public static ImageContent Image(string name, string architecture, params (string Path, byte[] Content)[] files) => new()
    {
        Name = name,
        Architecture = architecture,
        Layer = Layer(files),
        Arguments = ["/bin/sleep", "3600"],
        Environment = ["PATH=/bin:/usr/bin", "FROM_IMAGE=yes"],
    };

    private static byte[] Layer((string Path, byte[] Content)[] files)
    {
        var buffer = new MemoryStream();
        using (var tar = new TarWriter(buffer, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var (folder, mode) in new[] { ("tmp", (UnixFileMode)0b001_111_111_111), ("root", (UnixFileMode)0b111_000_000), ("bin", Executable), ("etc", Executable) })
            {
                tar.WriteEntry(new UstarTarEntry(TarEntryType.Directory, folder + "/") { Mode = mode });
            }

            Write("bin/busybox", File.ReadAllBytes(Program!));
            foreach (var applet in Applets) tar.WriteEntry(new UstarTarEntry(TarEntryType.SymbolicLink, "bin/" + applet) { LinkName = "busybox", Mode = Executable });
            Write("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nguest:x:1000:1000:guest:/:/bin/sh\n"u8.ToArray());
            Write("etc/group", "root:x:0:\nguest:x:1000:\n"u8.ToArray());
            foreach (var (path, content) in files) Write(path, content);

            void Write(string path, byte[] content) => tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, path)
            {
                DataStream = new MemoryStream(content),
                Mode = path.StartsWith("bin/", StringComparison.Ordinal) ? Executable : Readable,
            });
        }

        return buffer.ToArray();
    }
}
