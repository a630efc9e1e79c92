using System.Diagnostics;
using Capstan.Sources.Git;
using Capstan.Sources.Git.Urls;

namespace Capstan.Delivery.Tests.Engine;

/// <summary>A bare repository made by git, served as if this process hosted it, with a working copy to change it.</summary>
internal sealed class GitFolder : ILocalRepositories
{
    private readonly string _work;

    private GitFolder(string root, string url)
    {
        Bare = Path.Combine(root, "shop.git");
        _work = Path.Combine(root, "work");
        Url = url;
    }

    public string Bare { get; }

    public string Url { get; }

    public Action<string>? Pushed { get; set; }

    /// <summary>Another repository that is served beside this one.</summary>
    public GitFolder? Beside { get; set; }

    public static async Task<GitFolder> CreateAsync(string root, string url = "https://git.capstan.test/shop.git")
    {
        var made = new GitFolder(root, url);
        await RunAsync(root, "init", "-q", "--bare", "-b", "main", made.Bare);
        await RunAsync(root, "clone", "-q", made.Bare, made._work);
        await RunAsync(made._work, "checkout", "-q", "-b", "main");
        return made;
    }

    public async Task<string> CommitAsync(string message, params (string Path, string? Text)[] files)
    {
        await RunAsync(_work, "pull", "-q", "--rebase", "--allow-unrelated-histories", "origin", "main").ContinueWith(_ => { }, TaskScheduler.Default);
        await WriteAsync(files);
        await RunAsync(_work, "commit", "-q", "--allow-empty", "-m", message);
        return await PushAsync();
    }

    private async Task WriteAsync((string Path, string? Text)[] files)
    {
        foreach (var (path, text) in files)
        {
            var full = Path.Combine(_work, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            if (text is null)
            {
                File.Delete(full);
            }
            else
            {
                await File.WriteAllTextAsync(full, text);
            }
        }

        await RunAsync(_work, "add", "-A");
    }

    /// <summary>Commits a folder of this machine at a path.</summary>
    public async Task<string> ImportAsync(string folder, string path)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            var full = Path.Combine(_work, path, Path.GetRelativePath(folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.Copy(file, full);
        }

        return await CommitAsync("Import " + Path.GetFileName(folder));
    }

    /// <summary>Throws history away and pushes one that does not follow from it.</summary>
    public async Task<string> ForcePushAsync(string to, params (string Path, string? Text)[] files)
    {
        await RunAsync(_work, "reset", "-q", "--hard", to);
        await WriteAsync(files);
        await RunAsync(_work, "commit", "-q", "--allow-empty", "-m", "Another history");
        return await PushAsync("--force");
    }

    /// <summary>Sets a tag.</summary>
    public async Task TagAsync(string name, string commit)
    {
        await RunAsync(Bare, "update-ref", $"refs/tags/{name}", commit);
        Pushed?.Invoke(Url);
    }

    /// <summary>Makes a branch, or with null as the commit removes it.</summary>
    public async Task BranchAsync(string name, string? commit)
    {
        await RunAsync(Bare, commit is null ? ["update-ref", "-d", $"refs/heads/{name}"] : ["update-ref", $"refs/heads/{name}", commit]);
        Pushed?.Invoke(Url);
    }

    public async Task<string> RevertAsync()
    {
        await RunAsync(_work, "revert", "--no-edit", "HEAD");
        return await PushAsync();
    }

    public string? PathOf(RepositoryUrl url) => url.Equals(RepositoryUrl.Parse(Url)) ? Bare : Beside?.PathOf(url);

    public ValueTask ChangedAsync(RepositoryUrl url, RefUpdate update, CancellationToken cancellation)
    {
        Pushed?.Invoke(url.Text);
        return ValueTask.CompletedTask;
    }

    private async Task<string> PushAsync(params string[] options)
    {
        await RunAsync(_work, ["push", "-q", .. options, "origin", "HEAD:main"]);
        var commit = (await RunAsync(_work, "rev-parse", "HEAD")).Trim();
        Pushed?.Invoke(Url);
        return commit;
    }

    public static async Task<string> RunAsync(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("git") { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["-c", "user.name=Ann Author", "-c", "user.email=ann@example.com", .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"git {string.Join(' ', arguments)}: {error}");
    }
}
