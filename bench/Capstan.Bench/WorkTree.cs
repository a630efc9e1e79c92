namespace Capstan.Bench;

/// <summary>A checkout that is pushed with the real git.</summary>
internal sealed class WorkTree : IDisposable
{
    private static readonly Dictionary<string, string> Author = new()
    {
        ["GIT_AUTHOR_NAME"] = "bench",
        ["GIT_AUTHOR_EMAIL"] = "bench@example.com",
        ["GIT_COMMITTER_NAME"] = "bench",
        ["GIT_COMMITTER_EMAIL"] = "bench@example.com",
        ["GIT_CONFIG_GLOBAL"] = "/dev/null",
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("capstan-bench-git-").FullName;

    public static async Task<WorkTree> CreateAsync(string remote, CancellationToken cancellation)
    {
        var tree = new WorkTree();
        await tree.GitAsync(cancellation, "init", "--quiet", "--initial-branch=main");
        await tree.GitAsync(cancellation, "remote", "add", "origin", remote);
        return tree;
    }

    public string Folder => _folder;

    public void Write(string path, string text)
    {
        var file = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    public async Task CommitAsync(string subject, CancellationToken cancellation)
    {
        await GitAsync(cancellation, "add", "--all");
        await GitAsync(cancellation, "commit", "--quiet", "--message", subject);
    }

    public Task PullAsync(CancellationToken cancellation) => GitAsync(cancellation, "pull", "--quiet", "--rebase", "origin", "main");

    public Task PushAsync(CancellationToken cancellation) => GitAsync(cancellation, "push", "--quiet", "origin", "main");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Task<string> GitAsync(CancellationToken cancellation, params string[] arguments) =>
        Programs.RunAsync("git", arguments, _folder, Author, cancellation);
}
