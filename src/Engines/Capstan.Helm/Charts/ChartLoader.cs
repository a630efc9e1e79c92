using System.Collections.Concurrent;
using Capstan.GoTemplates;
using Capstan.Helm.Data;
using Capstan.Helm.Repositories;
using Capstan.Helm.Values;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Helm.Charts;

/// <summary>Loads a chart from a folder or archive of a tree. Charts are kept by the identity of their folder's content.</summary>
internal sealed class ChartLoader
{
    private const int MaxFolderDepth = 64;
    private const int MaxChartDepth = 32;
    private const int MostKept = 256;

    private readonly ConcurrentDictionary<string, (Chart Chart, ChartParts? Parts)> _kept = new(StringComparer.Ordinal);

    /// <summary>Loads the chart at a path.</summary>
    /// <returns>A copy that may be changed.</returns>
    /// <exception cref="ChartException">There is no chart, or it cannot be read.</exception>
    public Chart Load(SourceTree tree, TreePath path)
    {
        var entry = Follow(tree, path) ?? throw new ChartException($"path {GoQuote.Quote(path.Text)} not found");
        if (!_kept.TryGetValue(entry.ContentId, out var kept))
        {
            kept = entry.Kind == TreeEntryKind.Folder
                ? LoadFolder(tree, entry)
                : Keep(entry.ContentId, FromFiles(ChartArchive.Read(tree.Read(entry, ChartArchive.MaxBytes), entry.Path.Name), 0), null);
        }

        if (tree is not RecordingTree recorder)
        {
            return kept.Chart.Copy();
        }

        if (kept.Parts is null)
        {
            recorder.DependOn(entry.Path, entry.ContentId);
            return kept.Chart.Copy();
        }

        kept.Parts.Record(recorder, entry.Path);
        return kept.Chart.Copy(name => kept.Parts.RecordFile(recorder, entry.Path, name));
    }

    /// <summary>Loads a chart that was fetched.</summary>
    /// <returns>A copy that may be changed.</returns>
    /// <exception cref="ChartException">The archive cannot be read.</exception>
    public Chart Load(FetchedChart fetched)
    {
        var identity = "fetched:" + fetched.Sha256;
        if (!_kept.TryGetValue(identity, out var kept))
        {
            kept = Keep(identity, FromFiles(ChartArchive.Read(fetched.Archive, $"charts/{fetched.Name}-{fetched.Version}.tgz"), 0), null);
        }

        return kept.Chart.Copy();
    }

    internal static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> content) =>
        content.Span.StartsWith("\uFEFF"u8) ? content[3..] : content;

    // What a rendering depends on is said by the parts, so nothing is recorded while loading.
    private (Chart, ChartParts?) LoadFolder(SourceTree tree, TreeEntry entry)
    {
        var recorder = tree as RecordingTree;
        try
        {
            var (links, parts) = (false, new ChartParts());
            var chart = FromFiles(FolderFiles(recorder?.Unrecorded ?? tree, entry.Path, parts, ref links), 0);

            // What lies behind a link is no part of the folder's identity.
            if (!links)
            {
                return Keep(entry.ContentId, chart, parts);
            }

            _ = recorder is null ? null : FolderFiles(recorder, entry.Path, null, ref links);
            return (chart, null);
        }
        catch (ChartException)
        {
            recorder?.DependOn(entry.Path, entry.ContentId);
            throw;
        }
    }

    private (Chart, ChartParts?) Keep(string identity, Chart chart, ChartParts? parts)
    {
        if (_kept.Count >= MostKept)
        {
            _kept.Clear();
        }

        return _kept[identity] = (chart, parts);
    }

    private static TreeEntry? Follow(SourceTree tree, TreePath path)
    {
        try
        {
            return TreeLinks.Follow(tree, path);
        }
        catch (TreeLinkException error)
        {
            throw new ChartException(error.Message, error);
        }
    }

    private static List<ChartFile> FolderFiles(SourceTree tree, TreePath folder, ChartParts? parts, ref bool links)
    {
        string? ignoreText = null;
        if (Follow(tree, folder.Child(".helmignore")) is { Kind: TreeEntryKind.File } ignoreFile)
        {
            ignoreText = GoText.FromBytes(WithoutMark(tree.Read(ignoreFile, ChartArchive.MaxFileBytes)).Span);
        }

        var files = new List<ChartFile>();
        Walk(tree, folder, "", HelmIgnore.Parse(ignoreText), files, 0, parts, ref links);
        return files;
    }

    private static void Walk(SourceTree tree, TreePath folder, string prefix, HelmIgnore ignore, List<ChartFile> files, int depth, ChartParts? parts, ref bool links)
    {
        if (depth > MaxFolderDepth)
        {
            throw new ChartException($"{folder}: folders are nested more than {MaxFolderDepth} deep (do links form a cycle?)");
        }

        parts?.Listed(prefix);
        foreach (var child in tree.List(folder))
        {
            var name = prefix + child.Name;
            var isWhole = parts?.Add(name, child) ?? true;
            links |= child.Kind == TreeEntryKind.SymbolicLink;
            var entry = child.Kind == TreeEntryKind.SymbolicLink
                ? Follow(tree, child.Path) ?? throw new ChartException($"error evaluating symlink {child.Path}: nothing is there")
                : child;
            if (ignore.Ignores(name, entry.Kind == TreeEntryKind.Folder))
            {
                continue;
            }

            switch (entry.Kind)
            {
                case TreeEntryKind.Folder:
                    Walk(tree, entry.Path, name + "/", ignore, files, depth + 1, isWhole ? null : parts, ref links);
                    break;
                case TreeEntryKind.File when entry.Length > ChartArchive.MaxFileBytes:
                    throw new ChartException($"chart file {GoQuote.Quote(child.Name)} is larger than the maximum file size {ChartArchive.MaxFileBytes}");
                case TreeEntryKind.File:
                    files.Add(new ChartFile(name, WithoutMark(tree.Read(entry, ChartArchive.MaxFileBytes))));
                    break;
                default:
                    throw new ChartException($"cannot load irregular file {child.Path}: a submodule is no part of a chart");
            }

            if (files.Count > ChartArchive.MaxMembers * 10)
            {
                throw new ChartException($"{folder}: the chart has more than {ChartArchive.MaxMembers * 10:N0} files");
            }
        }
    }

    private static Chart FromFiles(List<ChartFile> files, int depth)
    {
        if (depth > MaxChartDepth)
        {
            throw new ChartException($"charts are nested more than {MaxChartDepth} deep");
        }

        var metadata = Metadata(files);
        var (templates, others) = (new List<ChartFile>(), new List<ChartFile>());
        var subcharts = new SortedDictionary<string, List<ChartFile>>(StringComparer.Ordinal);
        GoMap values = new();
        ChartFile? schema = null;
        foreach (var file in files)
        {
            switch (file.Name)
            {
                case "Chart.yaml":
                    break;
                case "Chart.lock":
                    ReadYaml(file);
                    break;
                case "values.yaml":
                    values = ReadValues(file);
                    break;
                case "values.schema.json":
                    schema = file;
                    break;
                case "requirements.yaml" or "requirements.lock":
                    if (metadata.ApiVersion == "v1")
                    {
                        others.Add(file);
                    }

                    break;
                case var name when name.StartsWith("templates/", StringComparison.Ordinal):
                    templates.Add(file);
                    break;
                case var name when name.StartsWith("charts/", StringComparison.Ordinal) && !name.EndsWith(".prov", StringComparison.Ordinal):
                    var inner = name["charts/".Length..];
                    var chartName = inner.Split('/', 2)[0];
                    if (!subcharts.TryGetValue(chartName, out var list))
                    {
                        subcharts[chartName] = list = [];
                    }

                    list.Add(file with { Name = inner });
                    break;
                default:
                    others.Add(file);
                    break;
            }
        }

        metadata.Validate();
        return new Chart
        {
            Metadata = metadata,
            Templates = templates,
            Files = others,
            Values = values,
            Schema = schema,
            Dependencies = Subcharts(subcharts, metadata.Name, depth),
        };
    }

    private static List<Chart> Subcharts(SortedDictionary<string, List<ChartFile>> subcharts, string parent, int depth)
    {
        var charts = new List<Chart>();
        foreach (var (name, files) in subcharts)
        {
            if (name[0] is '_' or '.')
            {
                continue;
            }

            try
            {
                if (name.EndsWith(".tgz", StringComparison.Ordinal))
                {
                    if (files[0].Name != name)
                    {
                        throw new ChartException($"error unpacking subchart tar in {parent}: expected {name}, got {files[0].Name}");
                    }

                    charts.Add(FromFiles(ChartArchive.Read(files[0].Content, files[0].Source), depth + 1));
                    continue;
                }

                // A file in charts/ that is no chart is passed over.
                var inner = files.Where(static f => f.Name.Contains('/', StringComparison.Ordinal))
                    .Select(static f => f with { Name = f.Name[(f.Name.IndexOf('/', StringComparison.Ordinal) + 1)..] }).ToList();
                charts.Add(FromFiles(inner, depth + 1));
            }
            catch (ChartException error) when (!error.Message.StartsWith("error unpacking subchart tar", StringComparison.Ordinal))
            {
                throw new ChartException($"error unpacking subchart {name} in {parent}: {error.Message}", error);
            }
        }

        return charts;
    }

    private static ChartMetadata Metadata(List<ChartFile> files)
    {
        var chartFile = files.Find(static f => f.Name == "Chart.yaml");
        var metadata = new ChartMetadata();
        if (chartFile is null)
        {
            throw new ChartException("Chart.yaml file is missing");
        }

        Read(chartFile);
        if (metadata.ApiVersion.Length == 0)
        {
            metadata.ApiVersion = "v1";
        }

        if (files.Find(static f => f.Name == "requirements.yaml") is { } requirements)
        {
            Read(requirements);
        }

        return metadata;

        void Read(ChartFile file)
        {
            var node = ReadYaml(file);
            try
            {
                MetadataReader.Read(node, metadata);
            }
            catch (ChartException error) when (error.Message.StartsWith("error unmarshaling", StringComparison.Ordinal))
            {
                throw new ChartException($"cannot load {file.Name}: {error.Message}", error);
            }
        }
    }

    private static YamlNode ReadYaml(ChartFile file)
    {
        try
        {
            return HelmYaml.Read(file.Content.Span);
        }
        catch (HelmYamlException error)
        {
            throw new ChartException($"cannot load {file.Name}: {error.Message}", error);
        }
    }

    private static GoMap ReadValues(ChartFile file)
    {
        try
        {
            return ValuesReader.Read(file.Content.Span);
        }
        catch (GoException error)
        {
            throw new ChartException($"cannot load values.yaml: {error.Message}", error);
        }
    }
}
