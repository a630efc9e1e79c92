using Capstan.Delivery.Applications;
using Capstan.Resources;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Delivery.Rendering;

/// <summary>
/// The files by which a repository changes the settings of its Applications: <c>.argocd-source.yaml</c> and
/// <c>.argocd-source-APP.yaml</c> in the source's folder, merged over <c>spec.source</c>. They change how a folder is rendered, never which.
/// </summary>
internal static class SourceOverrides
{
    private const int MaxBytes = 1024 * 1024;

    private static readonly string[] Fixed = ["repoURL", "path", "targetRevision", "chart", "ref"];

    /// <summary>The source with what these files say.</summary>
    /// <param name="source">The source as the Application has it.</param>
    /// <param name="tree">The files.</param>
    /// <param name="folder">The source's folder.</param>
    /// <param name="application">The Application's name.</param>
    /// <param name="problems">Told of each file that cannot be used.</param>
    public static ApplicationSource Apply(ApplicationSource source, SourceTree tree, TreePath folder, string application, Action<string> problems)
    {
        var body = source.Body;
        foreach (var name in (string[])[".argocd-source.yaml", $".argocd-source-{application}.yaml"])
        {
            var path = folder.Child(name);
            if (TreeLinks.Follow(tree, path) is not { Kind: TreeEntryKind.File } file)
            {
                continue;
            }

            try
            {
                body = YamlText.ReadOne(tree.Read(file, MaxBytes).Span) switch
                {
                    YamlMap patch => (YamlMap)MergePatch.Apply(body, patch),
                    { IsNull: true } => body,
                    var other => throw new YamlException($"a map of fields of spec.source is wanted, this is {other.Description}", other.Position),
                };
            }
            catch (YamlException error)
            {
                problems(error.In(path.Text));
            }
        }

        if (ReferenceEquals(body, source.Body))
        {
            return source;
        }

        foreach (var field in Fixed)
        {
            body = source.Body[field] is { } own ? body.With(field, own) : body.Without(field);
        }

        var found = new List<string>();
        var changed = SourceReader.Read(body, $"{source.Field} (with .argocd-source files)", found);
        found.ForEach(problems);
        return changed with { Field = source.Field };
    }
}
