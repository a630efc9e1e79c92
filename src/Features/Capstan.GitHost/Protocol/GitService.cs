namespace Capstan.GitHost.Protocol;

/// <summary>The two services of smart HTTP.</summary>
internal sealed record GitService
{
    public static readonly GitService UploadPack = new("git-upload-pack", "upload-pack", Access.Rights.Verb.Get);

    public static readonly GitService ReceivePack = new("git-receive-pack", "receive-pack", Access.Rights.Verb.Update);

    private GitService(string name, string command, Access.Rights.Verb verb)
    {
        Name = name;
        Command = command;
        Verb = verb;
    }

    /// <summary>The name on the wire.</summary>
    public string Name { get; }

    /// <summary>The command of git that speaks it.</summary>
    public string Command { get; }

    /// <summary>What it does with the repository.</summary>
    public Access.Rights.Verb Verb { get; }

    /// <summary>The service of that name; null for every other.</summary>
    public static GitService? Named(string? name) => name == UploadPack.Name ? UploadPack : name == ReceivePack.Name ? ReceivePack : null;
}
