using Capstan.LocalCluster.ApiServer.Operations;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Webhooks;

/// <summary>A write that webhooks are asked about. Trees are in the stored version.</summary>
/// <param name="Target">The object.</param>
/// <param name="Operation"><c>CREATE</c>, <c>UPDATE</c> or <c>DELETE</c>.</param>
/// <param name="Before">The object as it is; null when it is new.</param>
/// <param name="User">Who asks; null for the cluster's own controllers.</param>
/// <param name="DryRun">Whether nothing will be written.</param>
/// <param name="Warnings">Where webhooks' warnings go; null when nobody reads them.</param>
internal sealed record AdmissionCall(Target Target, string Operation, YamlMap? Before, Access.UserInfo? User, bool DryRun, List<string>? Warnings)
{
    /// <summary>The request part of an AdmissionReview (admission.k8s.io/v1).</summary>
    /// <param name="uid">Names the call.</param>
    /// <param name="version">The version in which the webhook sees the object.</param>
    /// <param name="now">The object as it will be; null for a deletion.</param>
    public YamlMap Request(string uid, string version, YamlMap? now)
    {
        var resource = Target.Resource;
        var (kind, name) = (Kind(version), YamlMap.Of(("group", resource.Group), ("version", version), ("resource", resource.Plural)));
        var request = YamlMap.Of(
            ("uid", uid), ("kind", kind), ("resource", name), ("requestKind", Kind(Target.Version)), ("requestResource", name.With("version", Target.Version)),
            ("name", Target.Name.Length > 0 ? Target.Name : now?.At("metadata", "name") ?? ""), ("operation", Operation),
            ("userInfo", (User ?? Access.UserInfo.Administrator with { Name = "system:kube-controller-manager" }).ToTree()),
            ("object", Seen(now, version)), ("oldObject", Seen(Before, version)), ("dryRun", DryRun),
            ("options", YamlMap.Of(("kind", Operation[0] + Operation[1..].ToLowerInvariant() + "Options"), ("apiVersion", "meta.k8s.io/v1"))));
        request = Target.Namespace.Length > 0 ? request.With("namespace", Target.Namespace) : request;
        return Target.Subresource.Length == 0 ? request : request.With("subResource", Target.Subresource).With("requestSubResource", Target.Subresource);
    }

    /// <summary>A sentence for who writes.</summary>
    public void Warn(string sentence)
    {
        if (Warnings is not { } warnings) return;
        lock (warnings)
        {
            if (!warnings.Contains(sentence)) warnings.Add(sentence);
        }
    }

    private YamlMap Kind(string version) => YamlMap.Of(("group", Target.Resource.Group), ("version", version), ("kind", Target.Resource.Kind));

    /// <summary>A tree as the one who is asked sees it; null when there is none.</summary>
    public YamlNode Seen(YamlMap? tree, string version) =>
        tree is null ? YamlScalar.Null : Objects.VersionConversion.ToVersion(Target.Resource, version, tree);
}
