namespace Capstan.Containers.Images;

/// <summary>
/// The smallest file that Linux runs (ELF, as elf(5) tells): a header, one segment to load, and code that needs nothing else. For images that are made here, of
/// nothing that the machine would have to have.
/// </summary>
public static class ElfProgram
{
    private const ulong Base = 0x400000;
    private const int HeaderBytes = 64 + 56;

    /// <summary>The file.</summary>
    /// <param name="architecture">For what the code is, in OCI's words.</param>
    /// <param name="code">The code, begun at its first byte. It and what lies behind it can be read and run, not written.</param>
    /// <exception cref="ContainerEngineException">The architecture is neither amd64 nor arm64.</exception>
    public static byte[] Write(string architecture, ReadOnlySpan<byte> code)
    {
        var machine = architecture switch
        {
            "amd64" => (ushort)62,
            "arm64" => (ushort)183,
            _ => throw new ContainerEngineException(EngineProblem.Invalid, $"containers of {architecture} are not supported; amd64 and arm64 are"),
        };
        var size = (ulong)(HeaderBytes + code.Length);
        using var file = new MemoryStream();
        using var write = new BinaryWriter(file);

        // The header: 64 bits, least byte first, version 1; an executable for the machine; where it starts; where the segments are told.
        write.Write([0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        write.Write((ushort)2);
        write.Write(machine);
        write.Write(1u);
        write.Write(Base + HeaderBytes);
        write.Write(64ul);
        write.Write(0ul);
        write.Write(0u);
        write.Write((ushort)64);
        write.Write((ushort)56);
        write.Write((ushort)1);
        write.Write((ushort)0);
        write.Write((ushort)0);
        write.Write((ushort)0);

        // The segment: loaded, readable and executable, the whole file, at the base, on a page.
        write.Write(1u);
        write.Write(5u);
        write.Write(0ul);
        write.Write(Base);
        write.Write(Base);
        write.Write(size);
        write.Write(size);
        write.Write(0x1000ul);
        write.Write(code);
        return file.ToArray();
    }
}
