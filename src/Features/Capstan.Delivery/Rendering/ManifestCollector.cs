using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Capstan.Delivery.Settings;
using Capstan.Delivery.Sync.Directives;
using Capstan.Faults;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Rendering;

/// <summary>Takes files apart into objects, with the place each came from, and gathers everything that is wrong with them.</summary>
internal sealed class ManifestCollector(string repository, string commit, RenderLimits limits)
{
    // Argo CD leaves files alone that carry this text.
    private static ReadOnlySpan<byte> SkipMarker => "+argocd:skip-file-rendering"u8;

    private readonly List<Manifest> _manifests = [];
    private readonly List<string> _problems = [];
    private int _suppressed;

    public void Problem(string text)
    {
        if (_problems.Count < limits.MaxProblems)
        {
            _problems.Add(text);
        }
        else
        {
            _suppressed++;
        }
    }

    public void AddFile(string path, ReadOnlyMemory<byte> content, bool isJson)
    {
        if (content.Span.IndexOf(SkipMarker) >= 0)
        {
            return;
        }

        try
        {
            var documents = isJson && !content.Span.Trim(" \t\r\n"u8).IsEmpty
                ? [JsonText.Read(content.Span, limits.File, withPositions: true)]
                : YamlText.ReadAll(content.Span, limits.File);
            foreach (var document in documents)
            {
                Add(path, document, 0);
            }
        }
        catch (YamlException e)
        {
            Problem(e.Line is null ? e.In(Origin.Shown(path)) : $"{e.In(Origin.Shown(path))}\n    {e.Line}");
        }
    }

    /// <summary>Adds an object that an engine made.</summary>
    /// <param name="path">The file that it came from.</param>
    /// <param name="node">The object; a list is taken apart.</param>
    /// <param name="line">Its line in that file; 0 when it is not known.</param>
    public void AddObject(string path, YamlNode node, int line) => Add(path, node, 0, line);

    public RenderedSource ToRendering(string sourceType)
    {
        if (_suppressed > 0)
        {
            _problems.Add($"and {_suppressed:N0} more problems");
        }

        return _problems.Count > 0 && !SeededBugs.Has(SeededBugs.PruneOnFailedRender)
            ? RenderedSource.Failed(_problems) with { SourceType = sourceType }
            : new RenderedSource(sourceType, _manifests, [], HashOf(_manifests));
    }

    // An object that an engine made has no place in the file it came from, but for the line that the engine knows.
    private void Add(string path, YamlNode node, int depth, int? line = null)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (node.IsNull || node is YamlMap { Count: 0 })
        {
            return;
        }

        if (node is YamlMap map && map["items"] is YamlList items && (map["kind"]?.AsString() ?? "").EndsWith("List", StringComparison.Ordinal))
        {
            AddItems(path, node, items, depth, line);
            return;
        }

        var problems = ObjectRules.Problems(node);
        foreach (var problem in problems)
        {
            Problem($"{Place(path, node, line)}: {Name(node)}{problem}");
        }

        if (problems.Count > 0 || node is not YamlMap body)
        {
            return;
        }

        if (_manifests.Count == limits.MaxObjects)
        {
            Problem($"{Place(path, node, line)}: more than {limits.MaxObjects:N0} objects in one source");
            return;
        }

        var manifest = new Manifest(new KubernetesObject(body), new Origin(path, line ?? Math.Max(node.Position.Line, 1), repository, commit));
        if (HookAnnotations.NeverRuns(manifest.Object))
        {
            return;
        }

        foreach (var problem in ManifestRules.Problems(manifest.Object))
        {
            Problem($"{Place(path, node, line)}: {manifest.Object}: {problem}");
        }

        if (SettingsReader.IsSettings(manifest.Object))
        {
            AddSettingsProblems(path, manifest.Object, node, line);
        }

        _manifests.Add(manifest);
    }

    // Settings that are not understood to the last field count for nothing, so they never get into a cluster.
    private void AddSettingsProblems(string path, KubernetesObject settings, YamlNode node, int? line)
    {
        foreach (var problem in SettingsReader.Read(settings).Problems)
        {
            var place = line is null && problem.Position.IsKnown ? $"{Origin.Shown(path)}:{problem.Position}" : Place(path, node, line);
            Problem($"{place}: {settings}: {problem.Text}");
        }
    }

    private void AddItems(string path, YamlNode list, YamlList items, int depth, int? line)
    {
        if (depth >= limits.MaxListDepth)
        {
            Problem($"{Place(path, list, line)}: lists are nested more than {limits.MaxListDepth} deep");
            return;
        }

        foreach (var item in items)
        {
            Add(path, item, depth + 1, line);
        }
    }

    // What the object is called as far as it says so, since a missing name is the most common problem.
    private static string Name(YamlNode node) => node is YamlMap map && map["kind"]?.AsString() is { Length: > 0 } kind
        ? $"{kind}{(map.At("metadata", "name")?.AsString() is { Length: > 0 } name ? "/" + name : "")}: "
        : "";

    private static string Place(string path, YamlNode node, int? line)
    {
        var shown = Origin.Shown(path);
        return line is { } known ? known > 0 ? $"{shown}:{known}" : shown : node.Position.IsKnown ? $"{shown}:{node.Position}" : shown;
    }

    private static string HashOf(List<Manifest> manifests)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var manifest in manifests)
        {
            hash.AppendData(JsonText.WriteBytes(manifest.Object.Body));
            hash.AppendData("\n"u8);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
