using Capstan.Sources.Git;
using Capstan.Sources.Git.Urls;
using Capstan.Sources.Processes;
using Capstan.Sources.Ssrf;

namespace Capstan.Sources.Tests.Git;

/// <summary>A folder with repositories made by the real git, and mirrors of them.</summary>
public sealed class GitFixture : IDisposable
{
    public GitFixture()
    {
        Folder = Directory.CreateTempSubdirectory("capstan-sources-").FullName;
        Git = new GitProgram(new ProcessRunner(TimeProvider.System));
        Mirrors = new GitMirrors(Path.Combine(Folder, "mirrors"), Git, AddressGuard.Strict, null, TimeProvider.System);
    }

    public string Folder { get; }

    public GitProgram Git { get; }

    public GitMirrors Mirrors { get; }

    public string Bare(string name) => Path.Combine(Folder, name + ".git");

    public GitRemote Remote(string name) => new(RepositoryUrl.Parse(Bare(name))) { Registered = true };

    public async Task<string> RunAsync(string folder, params string[] arguments) => (await Git.RunAsync(
        GitProgram.Call(
            arguments,
            [("protocol.file.allow", "always")],
            [("GIT_AUTHOR_NAME", "Ada"), ("GIT_AUTHOR_EMAIL", "ada@example.com"), ("GIT_COMMITTER_NAME", "Ada"), ("GIT_COMMITTER_EMAIL", "ada@example.com")]) with
        {
            WorkingFolder = folder,
        },
        CancellationToken.None)).Trim();

    /// <summary>A bare repository with a work folder beside it whose origin it is.</summary>
    public async Task<string> NewAsync(string name)
    {
        await RunAsync(Folder, "init", "-q", "--bare", "-b", "main", Bare(name));
        var work = Path.Combine(Folder, name);
        await RunAsync(Folder, "clone", "-q", Bare(name), work);
        await RunAsync(work, "symbolic-ref", "HEAD", "refs/heads/main");
        return work;
    }

    public async Task<string> CommitAsync(string work, string file, string text, bool push = true)
    {
        var path = Path.Combine(work, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, text);
        await RunAsync(work, "add", "-A");
        await RunAsync(work, "commit", "-q", "-m", "Change " + file);
        if (push)
        {
            await RunAsync(work, "push", "-q", "origin", "HEAD:refs/heads/main");
        }

        return await RunAsync(work, "rev-parse", "HEAD");
    }

    public void Dispose()
    {
        Mirrors.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
