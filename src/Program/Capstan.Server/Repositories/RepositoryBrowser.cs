using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Capstan.Api.Repositories;
using Capstan.GitHost.Repositories;
using Capstan.Server.Hosting;
using Capstan.Server.Problems;
using Capstan.Sources.Git;
using Capstan.Sources.Processes;
using Capstan.Workflows.Runs;

namespace Capstan.Server.Repositories;

/// <summary>Files, commits and differences of a hosted repository. Every word that comes from outside is checked before it becomes an argument, and stands
/// behind git's end of options.</summary>
internal sealed partial class RepositoryBrowser(ServerParts parts, RepositoryName name)
{
    private const int MostEntries = 5000;
    private const int LargestText = 1 << 20;
    private const int LargestDiff = 1 << 20;
    private const string Format = "%H%x1f%an%x1f%aI%x1f%s";

    /// <summary>Which runs who asks may see.</summary>
    public Func<WorkflowRun, bool> MaySee { get; init; } = _ => false;

    /// <summary>Branches and tags with their commits, those changed last first.</summary>
    public async Task<IReadOnlyList<RepositoryBranch>> HeadsAsync(CancellationToken cancellation)
    {
        // Of an annotated tag the commit behind it is meant.
        const string format = "%(refname)%1f%(if)%(*objectname)%(then)%(*objectname)%1f%(*authorname)%1f%(*authordate:iso-strict)%1f%(*subject)%(else)%(objectname)%1f%(authorname)%1f%(authordate:iso-strict)%1f%(subject)%(end)";
        var lines = await TextAsync(["for-each-ref", "--count=500", "--sort=-creatordate", $"--format={format}", "refs/heads", "refs/tags"], cancellation).ConfigureAwait(false);
        return [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\x1f', 2)).Where(p => p.Length == 2 && p[1].Count(c => c == '\x1f') == 3).Select(p =>
            new RepositoryBranch(p[0].Split('/', 3)[2], p[0].StartsWith("refs/tags/", StringComparison.Ordinal) ? "tag" : "branch", Read(p[1])))];
    }

    /// <summary>Branches and tags, main and master first.</summary>
    public async Task<IReadOnlyList<string>> BranchesAsync(CancellationToken cancellation) =>
        [.. (await TextAsync(["for-each-ref", "--count=500", "--format=%(refname:short)", "refs/heads", "refs/tags"], cancellation).ConfigureAwait(false))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).OrderBy(b => b is "main" ? 0 : b is "master" ? 1 : 2)];

    /// <summary>The commit of a branch, tag or commit; null in an empty repository.</summary>
    /// <exception cref="RequestProblem">There is none of that name.</exception>
    public async Task<string?> ResolveAsync(string? at, CancellationToken cancellation)
    {
        var wanted = at is { Length: > 0 } ? Checked(at) : "HEAD";
        var result = await TryAsync(["rev-parse", "--quiet", "--verify", "--end-of-options", wanted + "^{commit}"], cancellation).ConfigureAwait(false);
        if (result.ExitCode == 0) return Encoding.UTF8.GetString(result.Output.Span).Trim();
        return wanted == "HEAD" ? null : throw RequestProblem.NotFound($"repository {name.Text}: branch, tag or commit {wanted}", "Look at the branches of the repository");
    }

    /// <summary>A folder or a file.</summary>
    public async Task<(RepositoryFolder? Folder, RepositoryFile? File)> ReadAsync(string commit, string path, CancellationToken cancellation)
    {
        path = path.Trim('/');
        if (path.Length > 2000 || path.Split('/').Any(p => p is ".." or ".") || path.Any(char.IsControl)) throw RequestProblem.Malformed("path: leads out of the repository");
        var type = await TryAsync(["cat-file", "-t", "--end-of-options", $"{commit}:{path}"], cancellation).ConfigureAwait(false);
        if (type.ExitCode != 0) throw RequestProblem.NotFound($"repository {name.Text}: {path} at {commit[..10]}", "Look in the folder above");
        return Encoding.UTF8.GetString(type.Output.Span).Trim() == "tree" ? (await FolderAsync(commit, path, cancellation).ConfigureAwait(false), null) : (null, await FileAsync(commit, path, cancellation).ConfigureAwait(false));
    }

    /// <summary>Commits from one on, the newest first.</summary>
    /// <param name="commit">The first.</param>
    /// <param name="cursor">Where to go on instead; null at the beginning.</param>
    /// <param name="limit">How many.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="path">Only those that change something beneath this path; all where it is empty.</param>
    public async Task<CommitList> CommitsAsync(string commit, string? cursor, int limit, CancellationToken cancellation, string path = "")
    {
        var start = cursor is { Length: > 0 } ? Checked(cursor) : commit;
        var lines = (await TextAsync(["log", $"--max-count={limit + 1}", $"--format={Format}", "--end-of-options", start, .. Beneath(path)], cancellation).ConfigureAwait(false)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var all = lines.Select(Read).ToArray();
        return all.Length > limit ? new CommitList(all[..limit], all[limit].Id) : new CommitList(all);
    }

    /// <summary>The commits that one has and another lacks, the newest first.</summary>
    /// <param name="without">The one that lacks them.</param>
    /// <param name="commit">The one that has them.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<IReadOnlyList<RepositoryCommit>> BetweenAsync(string without, string commit, int limit, CancellationToken cancellation)
    {
        var (one, other) = (await ResolveAsync(without, cancellation).ConfigureAwait(false), await ResolveAsync(commit, cancellation).ConfigureAwait(false));
        var lines = await TextAsync(["log", $"--max-count={limit}", $"--format={Format}", "--end-of-options", $"{one}..{other}"], cancellation).ConfigureAwait(false);
        return [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Read)];
    }

    /// <summary>What a commit changes.</summary>
    public async Task<RepositoryDiff> CommitAsync(string commit, CancellationToken cancellation)
    {
        var shown = (await TextAsync(["show", "--no-patch", $"--format={Format}%x1f%P%x1f%B", "--end-of-options", commit], cancellation).ConfigureAwait(false)).Split('\x1f', 6);
        var parent = shown[4].Split(' ')[0];
        var diff = await DiffAsync(["show", "--format=", "--no-ext-diff", "--no-textconv", "--no-color", "--first-parent", "--end-of-options", commit], cancellation).ConfigureAwait(false);
        return new RepositoryDiff(parent.Length > 0 ? parent : null, commit, shown[5].Trim(), Read(string.Join('\x1f', shown[..4])), diff.Text, diff.Cut);
    }

    /// <summary>What differs between two.</summary>
    /// <param name="from">The one.</param>
    /// <param name="to">The other.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="path">Only what is beneath this path; all where it is empty.</param>
    public async Task<RepositoryDiff> CompareAsync(string from, string to, CancellationToken cancellation, string path = "")
    {
        var (one, other) = (await ResolveAsync(from, cancellation).ConfigureAwait(false) ?? "", await ResolveAsync(to, cancellation).ConfigureAwait(false) ?? "");
        if (one.Length == 0 || other.Length == 0) throw RequestProblem.NotFound($"repository {name.Text}: a commit", "The repository is empty; push to it");
        var diff = await DiffAsync(["diff", "--no-ext-diff", "--no-textconv", "--no-color", "--end-of-options", one, other, .. Beneath(path)], cancellation).ConfigureAwait(false);
        return new RepositoryDiff(one, other, null, null, diff.Text, diff.Cut);
    }

    // Behind the two dashes a word is a path and nothing else; literal, so that no character of it is a pattern.
    private static string[] Beneath(string path) => path.Trim('/') is "" or "." ? [] : ["--", $":(literal){path.Trim('/')}"];

    private async Task<RepositoryFolder> FolderAsync(string commit, string path, CancellationToken cancellation)
    {
        var text = await TextAsync(["ls-tree", "-z", "--long", "--end-of-options", $"{commit}:{path}"], cancellation).ConfigureAwait(false);
        var entries = text.Split('\0', StringSplitOptions.RemoveEmptyEntries).Take(MostEntries).Select(line =>
        {
            var tab = line.IndexOf('\t', StringComparison.Ordinal);
            var fields = line[..tab].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var type = fields[1] == "tree" ? "folder" : fields[1] == "commit" ? "module" : fields[0] == "120000" ? "link" : "file";
            return new RepositoryEntry(line[(tab + 1)..], type, long.TryParse(fields[3], NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : null);
        });
        return new RepositoryFolder(commit, path, [.. entries.OrderBy(e => e.Type == "folder" ? 0 : 1).ThenBy(e => e.Name, StringComparer.Ordinal)]);
    }

    private async Task<RepositoryFile> FileAsync(string commit, string path, CancellationToken cancellation)
    {
        var size = long.Parse((await TextAsync(["cat-file", "-s", "--end-of-options", $"{commit}:{path}"], cancellation).ConfigureAwait(false)).Trim(), CultureInfo.InvariantCulture);
        if (size > LargestText) return new RepositoryFile(commit, path, size, null);
        var result = await TryAsync(["cat-file", "blob", "--end-of-options", $"{commit}:{path}"], cancellation).ConfigureAwait(false);
        return new RepositoryFile(commit, path, size, result.ExitCode != 0 || result.Output.Span.Contains((byte)0) ? null : Encoding.UTF8.GetString(result.Output.Span));
    }

    private async Task<(string Text, bool Cut)> DiffAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var text = await TextAsync(arguments, cancellation).ConfigureAwait(false);
        return text.Length > LargestDiff ? (text[..text.LastIndexOf('\n', LargestDiff)], true) : (text, false);
    }

    private RepositoryCommit Read(string line)
    {
        var fields = line.Split('\x1f');
        return new RepositoryCommit(fields[0], fields[1], fields[2], fields[3], [.. parts.Index.All.Where(a => a.Summary.Revisions.Contains(fields[0])).Select(a => a.Name).Take(20)],
            [.. parts.Runs.Of(name.Text, fields[0]).Where(MaySee).Take(20)
                .Select(r => new Api.Repositories.CommitCheck(r.Name, r.Workflow, r.Status.Phase, r.Status.Conclusion.Length > 0 ? r.Status.Conclusion : null))]);
    }

    private Task<string> TextAsync(IReadOnlyList<string> arguments, CancellationToken cancellation) => parts.Git.RunAsync(Call(arguments), cancellation);

    private Task<ProgramResult> TryAsync(IReadOnlyList<string> arguments, CancellationToken cancellation) => parts.Git.TryRunAsync(Call(arguments), cancellation);

    private ProgramCall Call(IReadOnlyList<string> arguments) => GitProgram.Call(arguments) with { WorkingFolder = parts.Repositories.PathTo(name), TimeLimit = TimeSpan.FromSeconds(20), MaxOutputBytes = 32 << 20 };

    private static string Checked(string revision) => Revision().IsMatch(revision) && !revision.Contains("..", StringComparison.Ordinal)
        ? revision
        : throw RequestProblem.Malformed($"{(revision.Length > 100 ? revision[..100] : revision)}: is no branch, tag or commit");

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_./+-]{0,199}$", RegexOptions.NonBacktracking)]
    private static partial Regex Revision();
}
