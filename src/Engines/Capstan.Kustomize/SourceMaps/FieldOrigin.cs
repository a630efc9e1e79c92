using Capstan.Yaml;

namespace Capstan.Kustomize;

/// <summary>What set a field.</summary>
/// <param name="File">The file: of the resource, of the patch, or of the kustomization; empty for edits (<see cref="KustomizeEdits"/>).</param>
/// <param name="Line">The line in it; 0 when it is not known.</param>
/// <param name="By"><c>resource</c>, <c>patch</c>, or the field of the kustomization: <c>images</c>, <c>namePrefix</c> …</param>
public sealed record FieldOrigin(string File, int Line, string By);

/// <summary>Where the fields of one resource came from.</summary>
public sealed class FieldOrigins
{
    internal const char Separator = '\n';

    private readonly YamlMap _body;
    private readonly YamlMap _first;
    private readonly FieldOrigin _resource;
    private readonly IReadOnlyDictionary<string, FieldOrigin> _changed;

    internal FieldOrigins(YamlMap body, YamlMap first, FieldOrigin resource, IReadOnlyDictionary<string, FieldOrigin> changed)
    {
        (_body, _first, _resource, _changed) = (body, first, resource, changed);
    }

    /// <summary>What set a field, or the nearest field above it that something is known of.</summary>
    /// <param name="path">Keys, and indexes of lists as text.</param>
    public FieldOrigin Of(IReadOnlyList<string> path)
    {
        for (var length = path.Count; length > 0; length--)
        {
            if (_changed.TryGetValue(string.Join(Separator, path.Take(length)), out var origin))
            {
                // What a patch's file brought along knows its own line there.
                return origin.Line == 0 && origin.File.Length > 0 && origin.By == "patch" ? origin with { Line = LineOf(_body, path) } : origin;
            }
        }

        var line = LineOf(_first, path);
        return line > 0 && _resource.Line > 0 ? _resource with { Line = line } : _resource;
    }

    private static int LineOf(YamlMap body, IReadOnlyList<string> path)
    {
        YamlNode? node = body;
        foreach (var step in path)
        {
            node = node switch
            {
                YamlMap map => map[step],
                YamlList list when int.TryParse(step, out var index) && index >= 0 && index < list.Count => list[index],
                _ => null,
            };
        }

        return node?.Position.Line ?? 0;
    }
}
