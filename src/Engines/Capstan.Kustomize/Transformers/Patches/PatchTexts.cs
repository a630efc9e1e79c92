using System.Text;
using Capstan.Kustomize.Files;
using Capstan.Kustomize.Resources;
using Capstan.Kustomize.Spec;
using Capstan.Yaml;

namespace Capstan.Kustomize.Transformers.Patches;

/// <summary>A patch that was read: strategic merge patches, or one JSON patch.</summary>
internal sealed record LoadedPatch(string Source, IReadOnlyList<Resource> Strategic, YamlNode? Json);

/// <summary>Reads patches, of which only their content tells what kind they are.</summary>
internal static class PatchTexts
{
    public static LoadedPatch Load(KustomizeFolder folder, PatchSpec spec, string file)
    {
        var inline = spec.Patch.Trim();
        if (inline.Length == 0 == (spec.Path.Length == 0))
        {
            throw new KustomizeException(
                inline.Length == 0 ? "must specify one of patch and path" : "patch and path can't be set at the same time", file, spec.Position);
        }

        if (inline.Length > 0)
        {
            return Read(Encoding.UTF8.GetBytes(inline), file, spec, "[patch: inline]");
        }

        try
        {
            var (path, content) = folder.Load(spec.Path);
            return Read(content.Span, path, spec, $"[path: \"{spec.Path}\"]");
        }
        catch (KustomizeException error) when (error.File is null)
        {
            throw new KustomizeException($"failed to get the patch file from path({spec.Path}): {error.Problem}", file, spec.Position, error.Kind, error);
        }
    }

    /// <summary>A JSON patch as a list of operations.</summary>
    /// <exception cref="KustomizeException">The text is none.</exception>
    public static YamlNode ReadJson(ReadOnlySpan<byte> content, string file)
    {
        try
        {
            // What begins as JSON must be JSON.
            var node = content is [(byte)'[', ..] ? JsonText.Read(content, withPositions: true) : YamlText.ReadOne(content);
            return node is YamlList && IsOperations(node) ? node : throw new KustomizeException($"a JSON patch must be a list of operations, this is {node.Description}", file);
        }
        catch (YamlException error)
        {
            throw new KustomizeException(error.Problem, file, error.Position, inner: error);
        }
    }

    private static bool IsOperations(YamlNode node) => ((YamlList)node).All(item => item is YamlMap);

    private static LoadedPatch Read(ReadOnlySpan<byte> content, string file, PatchSpec spec, string source)
    {
        IReadOnlyList<Resource>? strategic = null;
        KustomizeException? strategicError = null;
        try
        {
            strategic = ResourceReader.Read(file, content);
        }
        catch (KustomizeException error)
        {
            strategicError = error;
        }

        if (strategic is { Count: > 0 })
        {
            foreach (var patch in strategic)
            {
                patch.AllowNameChange = spec.AllowNameChange;
                patch.AllowKindChange = spec.AllowKindChange;
            }

            return new LoadedPatch(source, strategic, null);
        }

        try
        {
            return new LoadedPatch(source, [], strategicError is null ? YamlList.Empty : ReadJson(content, file));
        }
        catch (KustomizeException error)
        {
            throw new KustomizeException(
                $"unable to parse SM or JSON patch from {source}: as a strategic merge patch: {strategicError?.Problem}; as a JSON patch: {error.Problem}",
                file, strategicError?.Position ?? error.Position, inner: error);
        }
    }
}
