namespace Capstan.EndToEnd.Fixtures;

/// <summary>A developer's clone: real git, pushed over smart HTTP with the token as password.</summary>
internal sealed class WorkingCopy : IDisposable
{
    private readonly LiveServer _server;

    private WorkingCopy(LiveServer server, string folder) => (_server, Folder) = (server, folder);

    public string Folder { get; }

    public static async Task<WorkingCopy> CreateAsync(LiveServer server, string repository)
    {
        var copy = new WorkingCopy(server, Directory.CreateTempSubdirectory("capstan-clone-").FullName);
        await copy.GitAsync("init", "--quiet", "--initial-branch=main");
        await copy.GitAsync("remote", "add", "origin", $"{server.Url}/git/{repository}.git");
        return copy;
    }

    public void Write(string path, string content)
    {
        var file = Path.Combine(Folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }

    public string Read(string path) => File.ReadAllText(Path.Combine(Folder, path));

    public void Delete(string path) => File.Delete(Path.Combine(Folder, path));

    /// <summary>Copies the YAML files of a folder.</summary>
    public void CopyFrom(string source, string to)
    {
        foreach (var file in Directory.EnumerateFiles(source, "*.y*ml")) Write(Path.Combine(to, Path.GetFileName(file)), File.ReadAllText(file));
    }

    /// <summary>Commits everything and pushes.</summary>
    /// <returns>The commit.</returns>
    public async Task<string> PushAsync(string message)
    {
        await GitAsync("add", "--all");
        await GitAsync("commit", "--quiet", "--message", message);
        return await PushAsync();
    }

    public async Task<string> PushAsync()
    {
        await GitAsync("push", "--quiet", "origin", "HEAD:main");
        return await GitAsync("rev-parse", "HEAD");
    }

    public async Task<string> GitAsync(params string[] arguments)
    {
        var environment = new Dictionary<string, string>
        {
            ["GIT_CONFIG_GLOBAL"] = "/dev/null",
            ["GIT_CONFIG_NOSYSTEM"] = "1",
            ["GIT_TERMINAL_PROMPT"] = "0",
            ["HOME"] = Folder,
            ["GIT_AUTHOR_NAME"] = "Dev",
            ["GIT_AUTHOR_EMAIL"] = "dev@example.test",
            ["GIT_COMMITTER_NAME"] = "Dev",
            ["GIT_COMMITTER_EMAIL"] = "dev@example.test",
            ["GIT_CONFIG_COUNT"] = "1",
            ["GIT_CONFIG_KEY_0"] = "credential.helper",
            ["GIT_CONFIG_VALUE_0"] = $"!f() {{ test \"$1\" = get && echo username=dev && echo password={_server.Token}; }}; f",
        };
        return (await Programs.RunAsync("git", arguments, Folder, environment)).Expect(0).Out.Trim();
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
