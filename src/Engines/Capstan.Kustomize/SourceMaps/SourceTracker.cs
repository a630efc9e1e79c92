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
                _resources[resource] = Begin(resource);
            }
        }
    }

    /// <summary>Says that a resource took another one's place: what they have in common stays where it came from.</summary>
    public void Replace(Resource old, Resource by)
    {
        if (_resources.Remove(old, out var tracked))
        {
            _resources[by] = tracked;
        }
    }

    /// <summary>Says who made the changes since the last time.</summary>
    public void Note(ResourceSet set, FieldOrigin origin)
    {
        // What a patch's file brought along stands at lines of its own there.
        var followsLines = origin is { Line: 0, By: "patch", File.Length: > 0 };
        foreach (var resource in set.All)
        {
            if (!_resources.TryGetValue(resource, out var tracked))
            {
                _resources[resource] = Begin(resource);
            }
            else if (!ReferenceEquals(tracked.Body, resource.Body))
            {
                tracked.Origins = tracked.Origins.Follow(tracked.Body, resource.Body, Changed);
                tracked.Body = resource.Body;
            }
        }

        OriginNode Changed(YamlNode node) => new(followsLines ? origin with { Line = node.Position.Line } : origin, node, followsLines);
    }

    public FieldOrigins Of(Resource resource) => new((_resources.GetValueOrDefault(resource) ?? Begin(resource)).Origins);

    private static Tracked Begin(Resource resource)
    {
        var origin = new FieldOrigin(resource.File, resource.Line, resource.IsGenerated ? "generator" : "resource");
        return new Tracked(new OriginNode(origin, resource.Body, followsLines: resource.Line > 0)) { Body = resource.Body };
    }

    private sealed class Tracked(OriginNode origins)
    {
        public OriginNode Origins { get; set; } = origins;

        public required YamlMap Body { get; set; }
    }
}
