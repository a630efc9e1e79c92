using System.Text;
using Capstan.Sources.Processes;

namespace Capstan.Cli.Demo;

/// <summary>A working copy of the sample repository, and git in it.</summary>
internal sealed class SampleRepository(string folder, ProcessRunner runner, Action<string> show)
{
    private const string Prefix = "demo/";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>Where the working copy is.</summary>
    public string Folder => folder;

    /// <summary>Writes the sample's files and commits them.</summary>
    /// <param name="tokenFile">The file with the token: git reads it when it pushes, so that no configuration holds it.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task CreateAsync(string tokenFile, CancellationToken cancellation)
    {
        var assembly = typeof(SampleRepository).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            var path = Path.Combine(folder, "deploy", name[Prefix.Length..]);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var from = assembly.GetManifestResourceStream(name)!;
            await using (from.ConfigureAwait(false))
            {
                var to = File.Create(path);
                await using (to.ConfigureAwait(false)) await from.CopyToAsync(to, cancellation).ConfigureAwait(false);
            }
        }
        await GitAsync(cancellation, "init", "--quiet", "--initial-branch=main").ConfigureAwait(false);
        await QuietGitAsync(cancellation, "config", "user.name", "Demo").ConfigureAwait(false);
        await QuietGitAsync(cancellation, "config", "user.email", "demo@capstan.local").ConfigureAwait(false);
        await QuietGitAsync(cancellation, "config", "credential.helper", $"!f() {{ test \"$1\" = get && echo username=admin && echo \"password=$(cat '{tokenFile}')\"; }}; f").ConfigureAwait(false);
        await QuietGitAsync(cancellation, "add", ".").ConfigureAwait(false);
        await GitAsync(cancellation, "commit", "--quiet", "--all", "--message", "Open the shop").ConfigureAwait(false);
    }

    /// <summary>Replaces a text in a file.</summary>
    public async Task ReplaceAsync(string file, string old, string @new, CancellationToken cancellation)
    {
        var path = Path.Combine(folder, file);
        var text = await File.ReadAllTextAsync(path, cancellation).ConfigureAwait(false);
        show($"sed -i 's/{old}/{@new}/' {file}");
        await File.WriteAllTextAsync(path, text.Replace(old, @new, StringComparison.Ordinal), cancellation).ConfigureAwait(false);
    }

    /// <summary>The commit that is checked out.</summary>
    public Task<string> HeadAsync(CancellationToken cancellation) => QuietGitAsync(cancellation, "rev-parse", "HEAD");

    /// <summary>Runs git in the working copy, and shows the command.</summary>
    public Task<string> GitAsync(CancellationToken cancellation, params string[] arguments)
    {
        show("git " + string.Join(' ', arguments.Select(Quoted)));
        return QuietGitAsync(cancellation, arguments);
    }

    private async Task<string> QuietGitAsync(CancellationToken cancellation, params string[] arguments)
    {
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

    private static string Quoted(string argument) => argument.Contains(' ', StringComparison.Ordinal) ? $"'{argument}'" : argument;
}
