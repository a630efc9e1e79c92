using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Operations;

/// <summary>Keeps <c>metadata.managedFields</c> for every write, and merges applies.</summary>
internal static class FieldOwnership
{
    private static readonly FieldSet StatusOnly = FieldSet.Of(FieldPath.Of("status"));
    private static readonly FieldSet SpecOnly = FieldSet.Of(FieldPath.Of("spec"));

    /// <summary>The written object with its managed fields. Trees are in the stored version.</summary>
    public static YamlMap Updated(Target target, YamlMap? live, YamlMap wanted, WriteOptions options, DateTimeOffset now)
    {
        var before = live is null ? null : new KubernetesObject(live);
        return ManagedFields.AfterUpdate(before, new KubernetesObject(wanted), Context(target, options, now)).Body;
    }

    /// <summary>The object with a configuration merged into it; the very live tree when nothing changes.</summary>
    /// <param name="target">The object.</param>
    /// <param name="live">The object as it is, in the stored version; null when it is not there.</param>
    /// <param name="applied">What is applied, in the stored version.</param>
    /// <param name="options">Who applies.</param>
    /// <param name="now">The time.</param>
    public static YamlMap Applied(Target target, YamlMap? live, YamlMap applied, WriteOptions options, DateTimeOffset now)
    {
        var before = live is null ? null : new KubernetesObject(live);
        switch (ServerSideApply.Apply(before, new KubernetesObject(applied), Context(target, options, now), options.Force))
        {
            case ApplyOutcome.Applied result:
                return live is not null && !result.Changed ? live : result.Object.Body;
            case ApplyOutcome.Conflicted conflict:
                throw Conflict(target, conflict);
            case ApplyOutcome.Refused refused:
                throw ApiErrors.BadRequest(string.Join("; ", refused.Problems));
            default:
                throw ApiErrors.Internal("an apply ended in no known way");
        }
    }

    public static ObjectSchema SchemaOf(Target target)
    {
        var resource = target.Resource;
        return resource.Custom is { } custom ? custom.Schema(resource.StorageVersion) : BuiltInSchemas.For(resource.KindIn(resource.StorageVersion));
    }

    private static WriteContext Context(Target target, WriteOptions options, DateTimeOffset now) =>
        new(options.FieldManager, SchemaOf(target), now, target.Subresource is "status" or "scale" ? target.Subresource : "")
        {
            Reset = !target.Resource.HasStatus || options.WithStatus ? FieldSet.Empty : target.Subresource == "status" ? SpecOnly : StatusOnly,
        };

    private static ApiStatusException Conflict(Target target, ApplyOutcome.Conflicted conflict)
    {
        var causes = conflict.Conflicts.Select(c => (YamlNode)YamlMap.Of(
            ("reason", "FieldManagerConflict"), ("message", c.CauseMessage), ("field", c.Path.ToString())));
        return new ApiStatusException(409, ApiReasons.Conflict, conflict.Message,
            YamlMap.Of(("causes", new YamlList(causes))));
    }
}
