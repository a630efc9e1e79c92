using System.Text;
using System.Text.RegularExpressions;
using Capstan.Delivery.ApplicationSets.Templating;
using Capstan.Delivery.Applications;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets.Generators;

/// <summary>The folders of a repository, or its files with what they hold (Argo CD, Generators-Git.md).</summary>
internal sealed class GitGenerator : IGenerator
{
    private const int MostEntries = 200_000;
    private const long LargestFile = 1 << 20;

    private static readonly TimeSpan Usual = TimeSpan.FromMinutes(3);

    public string Field => "git";

    public async Task<IReadOnlyList<YamlMap>> GenerateAsync(GeneratorCall call, CancellationToken cancellation)
    {
        var fields = call.Fields();
        var repository = fields.RequiredText("repoURL");
        var revision = fields.Text("revision");
        var prefix = fields.Text("pathParamPrefix");
        var (folders, files) = (Paths(fields, "directories"), Paths(fields, "files"));
        var values = GeneratorCall.ReadValues(fields);
        call.Poll(fields, Usual);
        call.Check(fields);
        if (folders.Count == 0 && files.Count == 0)
        {
            throw new SetException($"{call.Path} names neither directories nor files", SetConditions.InvalidSpec);
        }

        var tree = await call.Inputs.OpenAsync(repository, revision.Length == 0 ? "HEAD" : revision, cancellation).ConfigureAwait(false);
        var made = folders.Count > 0 ? OfFolders(call, tree, folders, prefix) : OfFiles(call, tree, files, prefix);
        return [.. made.Select(p => call.WithValues(p, values))];
    }

    private static List<(string Path, bool Excludes)> Paths(FieldReader fields, string field) =>
        [.. fields.Items(field).OfType<YamlMap>().Select(d => (d["path"]?.AsString() ?? "", d["exclude"] is YamlScalar { Text: "true" })).Where(d => d.Item1.Length > 0)];

    // An exclusion wins over every inclusion; folders that begin with a dot are never looked into.
    private static IEnumerable<YamlMap> OfFolders(GeneratorCall call, SourceTree tree, List<(string Path, bool Excludes)> wanted, string prefix)
    {
        var patterns = wanted.Select(w => (Pattern: FolderPattern(call, w.Path), w.Excludes)).ToList();
        return Walk(call, tree, into: static e => !e.Name.StartsWith('.')).Where(e => e.Kind == TreeEntryKind.Folder).Select(e => e.Path.Text)
            .Where(p => patterns.Any(w => !w.Excludes && w.Pattern.IsMatch(p)) && !patterns.Any(w => w.Excludes && w.Pattern.IsMatch(p)))
            .Order(StringComparer.Ordinal).Select(p => WithPath(call, YamlMap.Empty, p, null, prefix));
    }

    private static IEnumerable<YamlMap> OfFiles(GeneratorCall call, SourceTree tree, List<(string Path, bool Excludes)> wanted, string prefix)
    {
        var patterns = wanted.Select(w => (Pattern: FilePattern(w.Path), w.Excludes)).ToList();
        var files = Walk(call, tree, into: static _ => true).Where(e => e.Kind == TreeEntryKind.File)
            .Where(e => patterns.Any(w => !w.Excludes && w.Pattern.IsMatch(e.Path.Text)) && !patterns.Any(w => w.Excludes && w.Pattern.IsMatch(e.Path.Text)));
        foreach (var file in files.OrderBy(e => e.Path.Text, StringComparer.Ordinal))
        {
            foreach (var content in Read(call, tree, file))
            {
                var folder = file.Path.Folder is { IsRoot: false } parent ? parent.Text : ".";
                yield return WithPath(call, call.Set.GoTemplate ? content : Flattening.Flatten(content), folder, file.Name, prefix);
            }
        }
    }

    private static IEnumerable<YamlMap> Read(GeneratorCall call, SourceTree tree, TreeEntry file)
    {
        try
        {
            return YamlText.ReadAll(tree.Read(file, LargestFile).Span) switch
            {
                [] or [{ IsNull: true }, ..] => [YamlMap.Empty],
                [YamlMap map, ..] => [map],
                [YamlList list, ..] when list.All(i => i is YamlMap) => list.Cast<YamlMap>(),
                var other => throw new SetException($"{call.Path}: unable to parse file {file.Path}: it is {other[0].Description}; a map or a list of maps is wanted"),
            };
        }
        catch (YamlException error)
        {
            throw new SetException($"{call.Path}: unable to parse file {error.In(file.Path.Text)}", inner: error);
        }
    }

    private static YamlMap WithPath(GeneratorCall call, YamlMap parameters, string folder, string? file, string prefix)
    {
        var segments = folder.Split('/');
        var name = segments[^1];
        if (call.Set.GoTemplate)
        {
            var path = new YamlMapBuilder(6).Set("path", folder).Set("basename", name);
            if (file is not null)
            {
                path.Set("filename", file);
            }

            path.Set("basenameNormalized", SetNames.Normalize(name));
            if (file is not null)
            {
                path.Set("filenameNormalized", SetNames.Normalize(file));
            }

            var made = path.Set("segments", new YamlList(segments.Select(s => (YamlNode)s))).ToMap();
            return prefix.Length == 0 ? parameters.With("path", made) : parameters.With(prefix, YamlMap.Of(("path", made)));
        }

        var field = prefix.Length == 0 ? "path" : $"{prefix}.path";
        var flat = parameters.ToBuilder().Set(field, folder).Set($"{field}.basename", name).Set($"{field}.basenameNormalized", SetNames.Normalize(name));
        if (file is not null)
        {
            flat.Set($"{field}.filename", file).Set($"{field}.filenameNormalized", SetNames.Normalize(file));
        }

        for (var i = 0; i < segments.Length; i++)
        {
            flat.Set($"{field}[{i}]", segments[i]);
        }

        return flat.ToMap();
    }

    private static IEnumerable<TreeEntry> Walk(GeneratorCall call, SourceTree tree, Func<TreeEntry, bool> into)
    {
        var folders = new Stack<TreePath>([TreePath.Root]);
        var seen = 0;
        while (folders.TryPop(out var folder))
        {
            foreach (var entry in tree.List(folder))
            {
                if (++seen > MostEntries)
                {
                    throw new SetException($"{call.Path}: the repository holds more than {MostEntries:N0} files and folders");
                }

                if (entry.Kind != TreeEntryKind.Folder)
                {
                    yield return entry;
                }
                else if (into(entry))
                {
                    yield return entry;
                    folders.Push(entry.Path);
                }
            }
        }
    }

    // Go's path.Match: nothing but a / is kept from * and ?.
    private static Regex FolderPattern(GeneratorCall call, string pattern)
    {
        var regex = new StringBuilder("\\A");
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] is '*' or '?')
            {
                regex.Append(pattern[i] == '*' ? "[^/]*" : "[^/]");
            }
            else if (pattern[i] == '[' && pattern.IndexOf(']', i + 1) is > 0 and var end && end > i + 1)
            {
                var negated = pattern[i + 1] == '^';
                var inside = pattern[(negated ? i + 2 : i + 1)..end].Replace("\\", "\\\\", StringComparison.Ordinal).Replace("[", "\\[", StringComparison.Ordinal);
                regex.Append(negated ? $"[^/{inside}]" : $"[{inside}]");
                i = end;
            }
            else if (pattern[i] == '[')
            {
                throw new SetException($"{call.Path}.directories: \"{pattern}\": syntax error in pattern", SetConditions.InvalidSpec);
            }
            else
            {
                i = pattern[i] == '\\' && i + 1 < pattern.Length ? i + 1 : i;
                regex.Append(Regex.Escape(pattern[i].ToString()));
            }
        }

        return Compile(call.Path, pattern, regex.Append("\\z").ToString());
    }

    // A pathspec of "git ls-files": * and ** cross folders too, and a folder stands for all that lies in it.
    private static Regex FilePattern(string pattern)
    {
        var regex = new StringBuilder("\\A");
        foreach (var c in pattern.TrimEnd('/'))
        {
            regex.Append(c switch { '*' => ".*", '?' => ".", _ => Regex.Escape(c.ToString()) });
        }

        return Compile("files", pattern, regex.Append("(?:/.*)?\\z").ToString());
    }

    private static Regex Compile(string path, string pattern, string regex)
    {
        try
        {
            return new Regex(regex, RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant);
        }
        catch (ArgumentException error)
        {
            throw new SetException($"{path}: \"{pattern}\": syntax error in pattern", SetConditions.InvalidSpec, inner: error);
        }
    }
}
