using System.Globalization;
using Capstan.Registry.Building.Dockerfiles;
using Capstan.Registry.Building.Files;

namespace Capstan.Registry.Building;

/// <summary><c>COPY</c> and <c>ADD</c>: what goes where, as BuildKit has it.</summary>
/// <param name="instruction">The instruction.</param>
/// <param name="stage">The stage that is built.</param>
/// <param name="source">Where files come from: the context, or another stage's file system.</param>
/// <param name="work">Where contents of archives are kept.</param>
internal sealed class CopyStep(Instruction instruction, Stage stage, RootTree source, string work)
{
    private readonly SortedDictionary<string, FileNode> _layer = new(StringComparer.Ordinal);

    /// <summary>Copies; gives what the layer holds.</summary>
    public async Task<IReadOnlyDictionary<string, FileNode>> RunAsync(CancellationToken cancellation)
    {
        var words = Words.List(instruction.Text) is { } list ? [.. list.Select(w => Words.Fill(w, stage.Variable, instruction))] : Words.Split(instruction.Text, stage.Variable, instruction);
        if (words.Count < 2) throw instruction.Wrong("needs a source and a destination");
        if (words.Any(w => w.StartsWith("<<", StringComparison.Ordinal))) throw instruction.Wrong("here-documents (<<) are not done here; put the text into a file, or let a container engine build", needsEngine: true);
        var destination = words[^1];
        var found = words[..^1].SelectMany(Find).ToList();
        var intoFolder = destination.EndsWith('/') || destination is "." or "..";
        if (found.Count > 1 && !intoFolder) throw instruction.Wrong($"with several sources the destination ends with a slash: {destination}/");
        var target = stage.Tree.Resolve(Absolute(destination), lastToo: true);
        intoFolder |= stage.Tree.Find(target) is { Kind: FileNodeKind.Folder };
        foreach (var path in found) await CopyAsync(path, target, intoFolder, cancellation).ConfigureAwait(false);
        return _layer;
    }

    private string Absolute(string path) => path.StartsWith('/') ? path : $"{stage.Config.WorkingDir ?? "/"}/{path}";

    private IEnumerable<string> Find(string pattern)
    {
        if (instruction.Keyword == "ADD" && (pattern.Contains("://", StringComparison.Ordinal) || pattern.StartsWith("git@", StringComparison.Ordinal)))
        {
            throw instruction.Wrong($"{pattern}: nothing is fetched from elsewhere, since the same input would not give the same image; put the file into the build's folder");
        }

        var clean = string.Join('/', pattern.Split('/').Where(p => p is not ("" or ".")));
        if (clean.Split('/').Contains("..")) throw instruction.Wrong($"{pattern}: leads out of where files are copied from");
        if (!Globs.HasAny(clean))
        {
            var path = source.Resolve(clean, lastToo: true);
            return source.Find(path) is not null ? [path] : throw instruction.Wrong($"{pattern}: is not there{(source.Find(clean) is { Kind: FileNodeKind.Link } ? " (a link that leads nowhere, or out of the folder)" : "; .dockerignore may leave it out")}");
        }

        var glob = Globs.Compile(clean);
        var matches = source.Beneath("").Where(n => glob.IsMatch(n.Path)).Select(n => source.Resolve(n.Path, lastToo: true)).Where(p => source.Find(p) is not null).ToList();
        return matches.Count > 0 ? matches : throw instruction.Wrong($"{pattern}: nothing is there that matches");
    }

    private async Task CopyAsync(string path, string target, bool intoFolder, CancellationToken cancellation)
    {
        var node = source.Find(path)!;
        if (node.Kind == FileNodeKind.Folder)
        {
            PutFolders(target);
            foreach (var (inner, child) in source.Beneath(path).ToList())
            {
                var relative = path.Length == 0 ? inner : inner[(path.Length + 1)..];
                Put(stage.Tree.Resolve($"{target}/{relative}", lastToo: child.Kind == FileNodeKind.Folder), child);
            }

            return;
        }

        if (instruction.Keyword == "ADD" && IsArchive(node))
        {
            PutFolders(target);
            var content = node.Open();
            await using (content.ConfigureAwait(false))
            {
                await LayerReader.ReadAsync(content, stage.Tree, target, work, isLayer: false, added => _layer[added] = stage.Tree.Find(added)!, cancellation).ConfigureAwait(false);
            }

            return;
        }

        var name = intoFolder ? $"{target}/{path[(path.LastIndexOf('/') + 1)..]}".TrimStart('/') : target;
        PutFolders(FolderOf(name));
        Put(stage.Tree.Resolve(name, lastToo: false), node);
    }

    // Folders on the way that are not there are made, as root's.
    private void PutFolders(string folder)
    {
        if (folder.Length == 0 || stage.Tree.Find(folder) is { Kind: FileNodeKind.Folder }) return;
        PutFolders(FolderOf(folder));
        var node = FileNode.DefaultFolder with { User = Owner().User, Group = Owner().Group };
        stage.Tree.Put(folder, node);
        _layer[folder] = node;
    }

    private void Put(string path, FileNode node)
    {
        if (node.Kind == FileNodeKind.Other) return;
        var (user, group) = Owner();
        var kept = node with { User = user, Group = group, Mode = Mode() is { } mode && node.Kind != FileNodeKind.Link ? mode : node.Mode };
        if (Flag("from") is not null && Flag("chown") is null) kept = kept with { User = node.User, Group = node.Group };
        stage.Tree.Put(path, kept);
        _layer[path] = kept;
    }

    private static string FolderOf(string path) => path.LastIndexOf('/') is var slash and > 0 ? path[..slash] : "";

    private static bool IsArchive(FileNode node)
    {
        using var content = node.Open();
        return LayerReader.IsArchive(content);
    }

    private string? Flag(string name) => instruction.Flags.LastOrDefault(f => f.Name == name) is { Name: not null } flag ? Words.Fill(flag.Value, stage.Variable, instruction) : null;

    private int? Mode()
    {
        if (Flag("chmod") is not { } text) return null;
        try
        {
            return Convert.ToInt32(text, 8) is var mode and >= 0 and <= 0xFFF ? mode : throw instruction.Wrong($"--chmod={text}: is no mode");
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            throw instruction.Wrong($"--chmod={text}: only numbers such as 0755 are taken here");
        }
    }

    private (int User, int Group) Owner()
    {
        if (Flag("chown") is not { } text) return (0, 0);
        var parts = text.Split(':', 2);
        var user = NumberOf(parts[0], "etc/passwd");
        return (user, parts.Length == 2 ? NumberOf(parts[1], "etc/group") : user);
    }

    private int NumberOf(string text, string file)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number;
        if (stage.Tree.Find(file) is { Kind: FileNodeKind.File, Size: < 1 << 20 } node)
        {
            using var reader = new StreamReader(node.Open());
            while (reader.ReadLine() is { } line)
            {
                if (line.Split(':') is [var name, _, var id, ..] && name == text && int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out number)) return number;
            }
        }

        throw instruction.Wrong($"--chown: {text} is no number, and the image's /{file} does not name it");
    }
}
