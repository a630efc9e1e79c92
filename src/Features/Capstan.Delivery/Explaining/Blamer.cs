using System.Globalization;
using System.Runtime.CompilerServices;
using Capstan.Delivery.Controllers;
using Capstan.Delivery.Rendering;
using Capstan.Resources;
using Capstan.Sources.Git.Reading;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Delivery.Explaining;

/// <summary>Answers for the fields of one object: which line set each, and which commit wrote that line.</summary>
/// <param name="manifest">The object.</param>
/// <param name="blame">The commit of each line of a file, in the repository of the source at a place.</param>
/// <param name="differences">What the cluster has otherwise.</param>
/// <param name="repositories">The repository of each source, where there are several; empty otherwise.</param>
internal sealed class Blamer(TracedManifest manifest, Func<int, TreePath, Task<IReadOnlyList<CommitInfo>>> blame, IReadOnlyList<FieldDifference> differences, IReadOnlyList<string> repositories)
{
    private const int MostFields = 2000;

    private readonly Dictionary<(int Place, string File), IReadOnlyList<CommitInfo>> _files = [];

    /// <summary>The object that <c>KIND/NAME</c> or <c>KIND/NAMESPACE/NAME</c> names.</summary>
    /// <exception cref="DeliveryException">There is none, or there are several.</exception>
    public static TracedManifest Choose(IReadOnlyList<TracedManifest> manifests, string named, string defaultNamespace)
    {
        var parts = named.Split('/');
        var (kind, space, name) = parts switch
        {
            [var k, var n] => (k, null, n),
            [var k, var s, var n] => (k, s, n),
            _ => throw new DeliveryException($"{named}: write KIND/NAME or KIND/NAMESPACE/NAME"),
        };
        var found = manifests.Where(m => m.Object.Kind.Equals(kind, StringComparison.OrdinalIgnoreCase) && m.Object.Name == name
            && (space is null || (m.Object.Namespace.Length == 0 ? defaultNamespace : m.Object.Namespace) == space)).ToArray();
        return found switch
        {
            [var one] => one,
            [] => throw new DeliveryException($"{named}: the source has no such object; it has {string.Join(", ", manifests.Take(20).Select(m => $"{m.Object.Kind}/{m.Object.Name}"))}"),
            _ => throw new DeliveryException($"{named}: the source has {found.Length} of them; name the namespace: {kind}/NAMESPACE/{name}"),
        };
    }

    /// <summary>The fields at and below one; all of them when it is empty.</summary>
    /// <exception cref="DeliveryException">There is no such field.</exception>
    public async Task<IReadOnlyList<FieldBlame>> FieldsAsync(string field)
    {
        var wanted = field.Length == 0 || field == "." ? "" : (field[0] is '.' or '[' ? field : "." + field).Replace('\'', '"');
        var leaves = new List<Leaf>();
        Collect(manifest.Object.Body, [], "", "", leaves);
        var chosen = leaves.Where(l => IsAt(l.Shown, wanted) || IsAt(l.Named, wanted) || IsAt(l.Plain, wanted)).Take(MostFields).ToArray();
        if (chosen.Length == 0)
        {
            throw new DeliveryException($"{field}: {manifest.Object.Kind}/{manifest.Object.Name} has no such field in its source; without a field all of them are told");
        }

        var isSecret = manifest.Object.GroupVersionKind is { Group: "", Kind: "Secret" };
        var blamed = new List<FieldBlame>(chosen.Length);
        foreach (var leaf in chosen)
        {
            var sources = new List<BlamedSource>();
            foreach (var source in manifest.SourcesOf(leaf.Path))
            {
                var repository = source.File.Length > 0 ? repositories.ElementAtOrDefault(source.LentBy ?? manifest.Place) : null;
                sources.Add(new BlamedSource(source, await CommitAsync(source).ConfigureAwait(false)) { Repository = repository ?? "" });
            }

            var hidden = isSecret && leaf.Path[0] is "data" or "stringData";
            var differs = differences.FirstOrDefault(d => d.Path == leaf.Shown || d.Path == leaf.Named || d.Path == leaf.Plain);
            blamed.Add(new FieldBlame(leaf.Shown, hidden ? "***" : leaf.Value.AsString() ?? leaf.Value.ToString(), sources,
                differs is null ? null : differs.Live?.ToString() ?? "absent", differs?.Manager ?? ""));
        }

        return blamed;
    }

    private async Task<CommitInfo?> CommitAsync(FieldSource source)
    {
        if (source.File.Length == 0 || source.Line == 0 || !TreePath.TryParse(source.File, out var path, out _))
        {
            return null;
        }

        var place = source.LentBy ?? manifest.Place;
        if (!_files.TryGetValue((place, source.File), out var lines))
        {
            _files[(place, source.File)] = lines = await blame(place, path).ConfigureAwait(false);
        }

        return source.Line <= lines.Count ? lines[source.Line - 1] : null;
    }

    private static bool IsAt(string shown, string wanted) =>
        shown.StartsWith(wanted, StringComparison.Ordinal) && (shown.Length == wanted.Length || wanted.Length == 0 || shown[wanted.Length] is '.' or '[');

    private static void Collect(YamlNode node, string[] path, string shown, string named, List<Leaf> leaves, string plain = "")
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (node)
        {
            case YamlMap { Count: > 0 } map:
                foreach (var (key, value) in map)
                {
                    var step = key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? "." + key : $"[\"{key}\"]";
                    Collect(value, [.. path, key], shown + step, named + step, leaves, $"{plain}.{key}");
                }

                break;
            case YamlList { Count: > 0 } list:
                foreach (var (i, item) in list.Index())
                {
                    var index = $"[{i.ToString(CultureInfo.InvariantCulture)}]";
                    var name = item is YamlMap map && map["name"]?.AsString() is { } text ? $"[name=\"{text}\"]" : index;
                    Collect(item, [.. path, i.ToString(CultureInfo.InvariantCulture)], shown + index, named + name, leaves, plain + index);
                }

                break;
            default:
                leaves.Add(new Leaf(path, node, shown, named, plain));
                break;
        }
    }

    private sealed record Leaf(string[] Path, YamlNode Value, string Shown, string Named, string Plain);
}
