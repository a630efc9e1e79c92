namespace Capstan.GitHost.Protocol;

/// <summary>The two services of smart HTTP.</summary>
internal sealed record GitService
{
    public static readonly GitService UploadPack = new("git-upload-pack", "upload-pack", Access.Rights.Right.Read);

    public static readonly GitService ReceivePack = new("git-receive-pack", "receive-pack", Access.Rights.Right.Write);

    private GitService(string name, string command, Access.Rights.Right right)
    {
        Name = name;
        Command = command;
        Right = right;
    }

    /// <summary>The name on the wire.</summary>
    public string Name { get; }

    /// <summary>The command of git that speaks it.</summary>
    public string Command { get; }

    /// <summary>What who asks for it must be allowed.</summary>
    public Access.Rights.Right Right { get; }

    /// <summary>The service of that name; null for every other.</summary>
    public static GitService? Named(string? name) => name == UploadPack.Name ? UploadPack : name == ReceivePack.Name ? ReceivePack : null;
}
