namespace Capstan.Registry.Building.Files;

internal enum FileNodeKind
{
    File,
    Folder,
    Link,
    /// <summary>Another name of a file of the same image.</summary>
    HardLink,
    Other,
}

/// <summary>One entry of an image's file system.</summary>
internal sealed record FileNode(FileNodeKind Kind)
{
    /// <summary>Permission bits, with set-user-id, set-group-id and sticky.</summary>
    public int Mode { get; init; } = 0x1ED;

    public int User { get; init; }

    public int Group { get; init; }

    public long Size { get; init; }

    /// <summary>Where a link leads, or the path of a hard link's file.</summary>
    public string Target { get; init; } = "";

    /// <summary>Opens the content.</summary>
    public Func<Stream> Open { get; init; } = () => Stream.Null;

    public static readonly FileNode DefaultFolder = new(FileNodeKind.Folder);
}
