using System.Globalization;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Printing;

/// <summary>The columns of kinds that administrators look at: quotas, revisions, requests for certificates, who is bound.</summary>
internal static class AdministrationColumns
{
    public static readonly IReadOnlyList<Column> Quota =
    [
        BuiltInColumns.Name, BuiltInColumns.Of("Request", q => Used(q, limits: false)), BuiltInColumns.Of("Limit", q => Used(q, limits: true)), BuiltInColumns.Age,
    ];

    public static readonly IReadOnlyList<Column> Revision =
    [
        BuiltInColumns.Name, BuiltInColumns.Of("Controller", Controller),
        new Column("Revision", (tree, _) => tree.Number("revision") ?? 0, 0, "integer"), BuiltInColumns.Age,
    ];

    public static readonly IReadOnlyList<Column> SigningRequest =
    [
        BuiltInColumns.Name, BuiltInColumns.Age, BuiltInColumns.Of("SignerName", r => r.Text("spec", "signerName")), BuiltInColumns.Of("Requestor", r => r.Text("spec", "username")),
        BuiltInColumns.Of("RequestedDuration", r => r.Number("spec", "expirationSeconds") is { } seconds ? Durations.Short(TimeSpan.FromSeconds(seconds)) : "<none>"),
        BuiltInColumns.Of("Condition", Condition),
    ];

    public static readonly IReadOnlyList<Column> Template =
    [
        BuiltInColumns.Name, BuiltInColumns.Of("Containers", t => Containers(t, "name")), BuiltInColumns.Of("Images", t => Containers(t, "image")),
        BuiltInColumns.Of("Pod Labels", t => BuiltInColumns.Labels(t.MapAt("template", "metadata", "labels"))),
    ];

    /// <summary>Who is bound, for <c>-o wide</c>.</summary>
    public static IReadOnlyList<Column> Subjects =>
    [
        BuiltInColumns.Of("Users", b => Bound(b, "User"), 1), BuiltInColumns.Of("Groups", b => Bound(b, "Group"), 1), BuiltInColumns.Of("ServiceAccounts", b => Bound(b, "ServiceAccount"), 1),
    ];

    private static string Used(YamlMap quota, bool limits) => string.Join(", ", quota.MapAt("status", "hard").OrderBy(h => h.Key, StringComparer.Ordinal)
        .Where(h => h.Key.StartsWith("limits.", StringComparison.Ordinal) == limits)
        .Select(h => $"{h.Key}: {(quota.At("status", "used", h.Key) as YamlScalar)?.Text ?? "0"}/{(h.Value as YamlScalar)?.Text}"));

    private static string Controller(YamlMap revision)
    {
        var owner = revision.Maps("metadata", "ownerReferences").FirstOrDefault(o => o.IsTrue("controller"));
        var group = owner?.Text("apiVersion").Split('/') is [var name, _] ? "." + name : "";
        return owner is null ? "<none>" : $"{owner.Text("kind").ToLower(CultureInfo.InvariantCulture)}{group}/{owner.Text("name")}";
    }

    private static string Condition(YamlMap request)
    {
        var types = request.Maps("status", "conditions").Select(c => c.Text("type")).ToList();
        var word = types.Contains("Denied") ? "Denied" : types.Contains("Approved") ? "Approved" : "Pending";
        return (types.Contains("Failed") ? word + ",Failed" : word) + (request.Text("status", "certificate").Length > 0 ? ",Issued" : "");
    }

    private static string Containers(YamlMap template, string field) => string.Join(',', template.Maps("template", "spec", "containers").Select(c => c.Text(field)));

    private static string Bound(YamlMap binding, string kind) => string.Join(", ", binding.Maps("subjects").Where(s => s.Text("kind") == kind)
        .Select(s => kind == "ServiceAccount" ? $"{s.Text("namespace")}/{s.Text("name")}" : s.Text("name")));
}
