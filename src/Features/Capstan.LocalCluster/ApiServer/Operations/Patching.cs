using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Operations;

/// <summary>The ways to patch an object.</summary>
public enum PatchKind
{
    /// <summary>A list of operations (RFC 6902).</summary>
    Json,

    /// <summary>A partial object; null removes (RFC 7396).</summary>
    Merge,

    /// <summary>A partial object; lists merge by the keys of the built-in kinds.</summary>
    Strategic,

    /// <summary>Server-side apply.</summary>
    Apply,
}

/// <summary>Applies the patches other than apply.</summary>
internal static class Patching
{
    public static YamlMap Apply(Target target, YamlMap live, PatchKind kind, YamlNode patch)
    {
        try
        {
            return kind switch
            {
                PatchKind.Json => JsonPatch.Apply(live, patch) as YamlMap,
                PatchKind.Merge => patch is YamlMap ? MergePatch.Apply(live, patch) as YamlMap : null,
                _ => Strategic(target, live, patch),
            } ?? throw ApiErrors.BadRequest("the patched object is no map");
        }
        catch (PatchException error)
        {
            throw error.Problem switch
            {
                PatchProblem.TooLarge => new ApiStatusException(413, ApiReasons.RequestEntityTooLarge, error.Message),
                PatchProblem.DoesNotApply => new ApiStatusException(422, ApiReasons.Invalid, $"the server rejected our request due to an error in our request: {error.Message}"),
                _ => ApiErrors.BadRequest(error.Message),
            };
        }
    }

    private static YamlMap? Strategic(Target target, YamlMap live, YamlNode patch)
    {
        if (target.Resource.Custom is not null)
        {
            throw ApiErrors.Unsupported("application/strategic-merge-patch+json", "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml");
        }

        var schema = BuiltInSchemas.For(target.Resource.KindIn(target.Version)).Root;
        return patch is YamlMap map ? StrategicMergePatch.Apply(live, map, schema) : null;
    }
}
