using System.Text;
using Capstan.Sources.Processes;

namespace Capstan.Cli.Demo;

/// <summary>A working copy of the sample repository, and git in it.</summary>
internal sealed class SampleRepository(string folder, string tokenFile, ProcessRunner runner, Action<string> show)
{
    private const string Prefix = "demo/";
    private const int FirstPort = 30080;
    private const int LastPort = 32767;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>Where the working copy is.</summary>
    public string Folder => folder;

    /// <summary>Writes the sample's files and commits them.</summary>
    public async Task CreateAsync(CancellationToken cancellation)
    {
        foreach (var name in typeof(SampleRepository).Assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal) && n != Prefix + "pipeline.yaml").Order(StringComparer.Ordinal))
        {
            var path = name[Prefix.Length..].Replace("workflows/", ".github/workflows/", StringComparison.Ordinal);
            await WriteAsync(path, await ResourceAsync(name, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        }

        await ChoosePortsAsync(cancellation).ConfigureAwait(false);
        await WriteAsync("bin/serve", WebServer.File(), cancellation).ConfigureAwait(false);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Path.Combine(folder, "bin/serve"), (UnixFileMode)0b111_101_101);
        await GitAsync(cancellation, "init", "--quiet", "--initial-branch=main").ConfigureAwait(false);
        await ConfigureAsync(cancellation).ConfigureAwait(false);
        await QuietGitAsync(cancellation, "add", ".").ConfigureAwait(false);
        await GitAsync(cancellation, "commit", "--quiet", "--all", "--message", "Open the shop").ConfigureAwait(false);
    }

    /// <summary>Clones a repository of the server.</summary>
    public async Task CloneAsync(string url, CancellationToken cancellation)
    {
        await QuietGitAsync(cancellation, "init", "--quiet", "--initial-branch=main").ConfigureAwait(false);
        await ConfigureAsync(cancellation).ConfigureAwait(false);
        await QuietGitAsync(cancellation, "remote", "add", "origin", url).ConfigureAwait(false);
        await QuietGitAsync(cancellation, "pull", "--quiet", "origin", "main").ConfigureAwait(false);
    }

    /// <summary>Puts the sample's pipeline where the platform repository keeps what Capstan runs.</summary>
    public async Task AddPipelineAsync(CancellationToken cancellation)
    {
        await WriteAsync("apps/shop-pipeline.yaml", await ResourceAsync(Prefix + "pipeline.yaml", cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        await GitAsync(cancellation, "add", "apps/shop-pipeline.yaml").ConfigureAwait(false);
    }

    /// <summary>Replaces a text in a file.</summary>
    public async Task ReplaceAsync(string file, string old, string @new, CancellationToken cancellation)
    {
        var path = Path.Combine(folder, file);
        var text = await File.ReadAllTextAsync(path, cancellation).ConfigureAwait(false);
        show($"sed -i 's|{old}|{@new}|' {file}");
        await File.WriteAllTextAsync(path, text.Replace(old, @new, StringComparison.Ordinal), cancellation).ConfigureAwait(false);
    }

    /// <summary>Commits all and pushes it, on top of what promotions wrote meanwhile.</summary>
    public async Task PushAsync(string message, CancellationToken cancellation)
    {
        await GitAsync(cancellation, "commit", "--quiet", "--all", "--message", message).ConfigureAwait(false);
        await PushAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Pushes what is committed, on top of what promotions wrote meanwhile.</summary>
    public async Task PushAsync(CancellationToken cancellation)
    {
        await GitAsync(cancellation, "pull", "--quiet", "--rebase", "origin", "main").ConfigureAwait(false);
        await GitAsync(cancellation, "push", "--quiet", "origin", "main").ConfigureAwait(false);
    }

    /// <summary>The commit that is checked out.</summary>
    public Task<string> HeadAsync(CancellationToken cancellation) => QuietGitAsync(cancellation, "rev-parse", "HEAD");

    /// <summary>Runs git in the working copy, and shows the command.</summary>
    public Task<string> GitAsync(CancellationToken cancellation, params string[] arguments)
    {
        show("git " + string.Join(' ', arguments.Select(Quoted)));
        return QuietGitAsync(cancellation, arguments);
    }

    /// <summary>Runs git in the working copy.</summary>
    public async Task<string> QuietGitAsync(CancellationToken cancellation, params string[] arguments)
    {
        Directory.CreateDirectory(folder);
        var call = new ProgramCall("git", arguments)
        {
            WorkingFolder = folder,
            TimeLimit = Limit,
            Environment = new Dictionary<string, string>
            {
                ["GIT_TERMINAL_PROMPT"] = "0",
                ["GIT_CONFIG_NOSYSTEM"] = "1",
                ["GIT_CONFIG_GLOBAL"] = "/dev/null",
                ["HOME"] = folder,
                ["LC_ALL"] = "C",
            },
        };
        var result = await runner.RunAsync(call, cancellation).ConfigureAwait(false);
        return result.ExitCode == 0
            ? Encoding.UTF8.GetString(result.Output.Span).Trim()
            : throw new CommandException(ExitCodes.Refused, $"git {string.Join(' ', arguments)}: {result.Errors.Trim()}");
    }

    // The sample's ports, unless somebody else has them: another demo, for one.
    private async Task ChoosePortsAsync(CancellationToken cancellation)
    {
        var next = FirstPort;
        foreach (var (stage, usual) in new[] { ("dev", FirstPort), ("staging", FirstPort + 1), ("production", FirstPort + 2) })
        {
            while (!FreePorts.IsFree(next) && next < LastPort) next++;
            var file = Path.Combine(folder, "environments", stage, "kustomization.yaml");
            var text = await File.ReadAllTextAsync(file, cancellation).ConfigureAwait(false);
            await File.WriteAllTextAsync(file, text.Replace($"\"value\": {usual}", $"\"value\": {next}", StringComparison.Ordinal), cancellation).ConfigureAwait(false);
            next++;
        }
    }

    // git reads the token's file when it needs it, so that no configuration holds the token.
    private async Task ConfigureAsync(CancellationToken cancellation)
    {
        await QuietGitAsync(cancellation, "config", "user.name", "Demo").ConfigureAwait(false);
        await QuietGitAsync(cancellation, "config", "user.email", "demo@capstan.local").ConfigureAwait(false);
        await QuietGitAsync(cancellation, "config", "credential.helper", $"!f() {{ test \"$1\" = get && echo username=admin && echo \"password=$(cat '{tokenFile}')\"; }}; f").ConfigureAwait(false);
    }

    private async Task WriteAsync(string path, byte[] content, CancellationToken cancellation)
    {
        var file = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllBytesAsync(file, content, cancellation).ConfigureAwait(false);
    }

    private static async Task<byte[]> ResourceAsync(string name, CancellationToken cancellation)
    {
        var from = typeof(SampleRepository).Assembly.GetManifestResourceStream(name)!;
        await using (from.ConfigureAwait(false))
        {
            var content = new MemoryStream();
            await from.CopyToAsync(content, cancellation).ConfigureAwait(false);
            return content.ToArray();
        }
    }

    private static string Quoted(string argument) => argument.Contains(' ', StringComparison.Ordinal) ? $"'{argument}'" : argument;
}
