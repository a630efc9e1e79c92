using Capstan.Delivery.Rendering;
using Capstan.Yaml;

namespace Capstan.Delivery.Applications;

/// <summary>Reads one source of an Application. What is wrong or not served becomes a problem.</summary>
internal static class SourceReader
{
    private static readonly string[] HelmFields =
    [
        "releaseName", "valueFiles", "ignoreMissingValueFiles", "values", "valuesObject", "parameters", "fileParameters", "passCredentials",
        "skipCrds", "skipTests", "skipSchemaValidation", "kubeVersion", "apiVersions", "namespace", "version",
    ];

    private static readonly string[] KustomizeFields =
    [
        "namePrefix", "nameSuffix", "namespace", "commonLabels", "labelWithoutSelector", "labelIncludeTemplates", "commonAnnotations",
        "commonAnnotationsEnvsubst", "forceCommonLabels", "forceCommonAnnotations", "images", "replicas", "patches", "components",
        "ignoreMissingComponents", "kubeVersion", "apiVersions", "version",
    ];

    private const int MostSources = 100;

    /// <summary>Reads <c>spec.sources</c>.</summary>
    public static IReadOnlyList<ApplicationSource> ReadAll(YamlList items, List<string> problems)
    {
        if (items.Count > MostSources)
        {
            problems.Add($"spec.sources holds {items.Count:N0} sources; at most {MostSources} are served. Make several Applications of them");
        }

        var sources = new List<ApplicationSource>();
        foreach (var (i, item) in items.Take(MostSources).Index())
        {
            var path = $"spec.sources[{i}]";
            if (item is not YamlMap body)
            {
                problems.Add($"{path} must be a map, it is {item.Description}");
                body = YamlMap.Of(("repoURL", "-"), ("path", "."));
            }

            sources.Add(Read(body, path, problems));
        }

        foreach (var again in sources.Where(s => s.Ref.Length > 0).GroupBy(s => s.Ref, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            problems.Add($"{again.Last().Field}.ref: \"{again.Key}\" is the ref of {again.First().Field} too; give each its own");
        }

        foreach (var again in sources.Where(s => s.Name.Length > 0).GroupBy(s => s.Name, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            problems.Add($"{again.Last().Field}.name: \"{again.Key}\" is the name of {again.First().Field} too; give each its own");
        }

        return sources;
    }

    /// <param name="body">The source as it was written.</param>
    /// <param name="path">What it is called in messages: <c>spec.source</c>.</param>
    /// <param name="problems">Told of everything that is wrong.</param>
    public static ApplicationSource Read(YamlMap body, string path, List<string> problems)
    {
        var source = new FieldReader(body, path, problems);
        var read = new ApplicationSource(source.RequiredText("repoURL"), source.Text("path"), source.Text("targetRevision"), ReadDirectory(source, path), body)
        {
            Field = path,
            Chart = source.Text("chart"),
            Ref = source.Text("ref"),
            Name = source.Text("name"),
            Helm = Take(source, "helm", HelmFields),
            Kustomize = Take(source, "kustomize", KustomizeFields),
        };
        if (read.Chart.Length > 0 && (read.Path.Length > 0 || read.Kustomize is not null || read.Directory.IsExplicit))
        {
            problems.Add($"{path}.chart is of a repository of charts, which has no path and takes helm alone; leave one of them out");
        }

        if (read.Ref.Length > 0 && read.Chart.Length > 0)
        {
            problems.Add($"{path}.ref: a chart cannot lend files to other sources; leave ref or chart out");
        }

        if (!read.Ref.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
        {
            problems.Add($"{path}.ref: \"{read.Ref}\" may hold letters, digits, _ and - only");
        }

        if (read.Chart.Length == 0 && read.Path.Length == 0 && !read.IsReferenceOnly)
        {
            problems.Add($"{path}.path is missing; \".\" is the root of the repository");
        }

        // An empty map still chooses the kind of source, so it says something.
        if (source.Map["plugin"] is YamlMap { Count: 0 })
        {
            problems.Add($"{path}.plugin is not supported yet");
        }

        CheckVersions(read, path, problems);
        var kinds = new[] { (read.Directory.IsExplicit, "directory"), (read.Helm is not null, "helm"), (read.Kustomize is not null, "kustomize") }.Where(k => k.Item1).Select(k => k.Item2).ToArray();
        if (kinds.Length > 1)
        {
            problems.Add($"{path} is of several kinds at once: {string.Join(" and ", kinds)}; leave one");
        }

        source.RefuseTheRest();
        return read;
    }

    private static DirectoryOptions ReadDirectory(FieldReader source, string path)
    {
        if (source.Inner("directory") is not { } directory)
        {
            return new DirectoryOptions();
        }

        var options = new DirectoryOptions(directory.Flag("recurse"), directory.Text("include"), directory.Text("exclude"), IsExplicit: true);
        foreach (var (field, glob) in ((string, string)[])[("include", options.Include), ("exclude", options.Exclude)])
        {
            if (!Glob.TryParse(glob, out _, out var problem))
            {
                directory.Problem($"{path}.directory.{field}: \"{glob}\" is no glob: {problem}");
            }
        }

        directory.RefuseTheRest();
        return options;
    }

    // The fields' types are checked by the engine that they go to.
    private static YamlMap? Take(FieldReader source, string field, string[] fields)
    {
        if (source.Inner(field) is not { } inner)
        {
            return null;
        }

        foreach (var known in fields)
        {
            inner.Ignore(known);
        }

        inner.RefuseTheRest();
        return inner.Map;
    }

    // There is one engine of each; a source that insists on another would get other manifests than it asks for.
    private static void CheckVersions(ApplicationSource source, string path, List<string> problems)
    {
        if (source.Helm?["version"]?.AsString() is { Length: > 0 } helm && helm.TrimStart('v')[..1] is not ("3" or "4"))
        {
            problems.Add($"{path}.helm.version: \"{helm}\": charts are rendered as Helm 4 renders them; leave the field out");
        }

        if (source.Kustomize?["version"]?.AsString() is { Length: > 0 } kustomize && !kustomize.TrimStart('v').StartsWith('5'))
        {
            problems.Add($"{path}.kustomize.version: \"{kustomize}\": kustomizations are built as Kustomize 5 builds them; leave the field out");
        }
    }
}
