using System.Globalization;
using System.Runtime.CompilerServices;
using Capstan.Kustomize.Resources;
using Capstan.Yaml;

namespace Capstan.Kustomize.SourceMaps;

/// <summary>
/// Remembers which step of a build changed which field. Trees are immutable and share what did not change, so that a step costs what it
/// changed. There is one only where a source map is asked for.
/// </summary>
internal sealed class SourceTracker
{
    private readonly Dictionary<Resource, Tracked> _resources = [];

    /// <summary>Takes in resources as they are, those that are new.</summary>
    public void See(ResourceSet set)
    {
        foreach (var resource in set.All)
        {
            if (!_resources.ContainsKey(resource))
            {
                _resources[resource] = new Tracked(resource.Body);
            }
        }
    }

    /// <summary>Says who made the changes since the last time.</summary>
    public void Note(ResourceSet set, FieldOrigin origin)
    {
        foreach (var resource in set.All)
        {
            if (!_resources.TryGetValue(resource, out var tracked))
            {
                _resources[resource] = new Tracked(resource.Body);
            }
            else if (!ReferenceEquals(tracked.Body, resource.Body))
            {
                Compare(tracked.Body, resource.Body, "", tracked.Changed, origin);
                tracked.Body = resource.Body;
            }
        }
    }

    public FieldOrigins Of(Resource resource)
    {
        var origin = new FieldOrigin(resource.File, resource.Line, resource.IsGenerated ? "generator" : "resource");
        return _resources.TryGetValue(resource, out var tracked)
            ? new FieldOrigins(resource.Body, tracked.First, origin, tracked.Changed)
            : new FieldOrigins(resource.Body, resource.Body, origin, new Dictionary<string, FieldOrigin>());
    }

    private static void Compare(YamlNode? before, YamlNode after, string path, Dictionary<string, FieldOrigin> changed, FieldOrigin origin)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (ReferenceEquals(before, after))
        {
            return;
        }

        switch (before, after)
        {
            case (YamlMap old, YamlMap now):
                foreach (var (key, value) in now)
                {
                    Compare(old[key], value, Below(path, key), changed, origin);
                }

                return;
            case (YamlList old, YamlList now):
                for (var i = 0; i < now.Count; i++)
                {
                    var same = i < old.Count && (old.Count == now.Count || old[i].Equals(now[i])) ? old[i] : null;
                    Compare(same, now[i], Below(path, i.ToString(CultureInfo.InvariantCulture)), changed, origin);
                }

                return;
            default:
                if (before?.Equals(after) == true)
                {
                    return;
                }

                foreach (var inner in changed.Keys.Where(k => k.StartsWith(path + FieldOrigins.Separator, StringComparison.Ordinal)).ToArray())
                {
                    changed.Remove(inner);
                }

                changed[path] = origin;
                return;
        }
    }

    private static string Below(string path, string key) => path.Length == 0 ? key : $"{path}{FieldOrigins.Separator}{key}";

    private sealed class Tracked(YamlMap first)
    {
        public YamlMap First { get; } = first;

        public YamlMap Body { get; set; } = first;

        public Dictionary<string, FieldOrigin> Changed { get; } = new(StringComparer.Ordinal);
    }
}
