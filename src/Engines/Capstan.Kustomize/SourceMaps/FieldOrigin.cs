using Capstan.Kustomize.SourceMaps;

namespace Capstan.Kustomize;

/// <summary>What set a field.</summary>
/// <param name="File">The file: of the resource, of the patch, or of the kustomization; empty for edits (<see cref="KustomizeEdits"/>).</param>
/// <param name="Line">The line in it; 0 when it is not known.</param>
/// <param name="By"><c>resource</c>, <c>patch</c>, or the field of the kustomization: <c>images</c>, <c>namePrefix</c> …</param>
public sealed record FieldOrigin(string File, int Line, string By);

/// <summary>Where the fields of one resource came from.</summary>
public sealed class FieldOrigins
{
    private readonly OriginNode _root;

    internal FieldOrigins(OriginNode root) => _root = root;

    /// <summary>What set a field, or the nearest field above it that something is known of.</summary>
    /// <param name="path">Keys, and indexes of lists as text.</param>
    public FieldOrigin Of(IReadOnlyList<string> path)
    {
        var at = _root;
        foreach (var step in path)
        {
            if (at.Below(step) is not { } next)
            {
                break;
            }

            at = next;
        }

        return at.Origin;
    }
}
