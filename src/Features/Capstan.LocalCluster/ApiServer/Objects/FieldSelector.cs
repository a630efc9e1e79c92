using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Objects;

/// <summary>A field selector: <c>metadata.name=a,status.phase!=Running</c>. Which fields a kind offers is a closed list.</summary>
internal sealed class FieldSelector
{
    public static readonly FieldSelector Everything = new([]);

    // Kubernetes offers these besides metadata.name and metadata.namespace (core/v1 conversion functions and registries).
    private static readonly Dictionary<string, string[]> Offered = new(StringComparer.Ordinal)
    {
        ["pods"] = ["spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork", "status.phase", "status.podIP", "status.nominatedNodeName"],
        ["events"] = ["involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
            "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type"],
        ["events.events.k8s.io"] = ["reason", "reportingController", "type", "regarding.kind", "regarding.namespace", "regarding.name", "regarding.uid"],
        ["nodes"] = ["spec.unschedulable"],
        ["namespaces"] = ["status.phase"],
        ["secrets"] = ["type"],
        ["services"] = ["spec.clusterIP", "spec.type"],
        ["replicationcontrollers"] = ["status.replicas"],
        ["replicasets.apps"] = ["status.replicas"],
        ["jobs.batch"] = ["status.successful"],
        ["certificatesigningrequests.certificates.k8s.io"] = ["spec.signerName"],
    };

    private readonly (string[] Path, bool Equal, string Value)[] _terms;

    private FieldSelector((string[], bool, string)[] terms) => _terms = terms;

    public bool IsEverything => _terms.Length == 0;

    /// <summary>The one name that is selected by <c>metadata.name=</c>, or null.</summary>
    public string? Name => _terms.Where(t => t.Equal && t.Path is ["metadata", "name"]).Select(t => t.Value).FirstOrDefault();

    public static FieldSelector Parse(string text, ServedResource resource)
    {
        var terms = new List<(string[], bool, string)>();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var at = part.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0)
            {
                throw ApiErrors.BadRequest($"invalid selector: '{part}'; can't understand '{part}'");
            }

            var equal = part[at - 1] != '!';
            var value = part[(at + (at + 1 < part.Length && part[at + 1] == '=' ? 2 : 1))..];
            terms.Add((Path(part[..(equal ? at : at - 1)], resource), equal, value));
        }

        return terms.Count == 0 ? Everything : new FieldSelector([.. terms]);
    }

    public bool Matches(YamlMap tree)
    {
        foreach (var (path, equal, value) in _terms)
        {
            // Newer reporters name themselves in another field than the source.
            var found = tree.At(path) ?? (path is ["source", "component"] ? tree["reportingComponent"] : null);
            if (Text(found, path) == value != equal)
            {
                return false;
            }
        }

        return true;
    }

    private static string[] Path(string field, ServedResource resource)
    {
        if (field is not ("metadata.name" or "metadata.namespace")
            && !Offered.GetValueOrDefault(resource.Qualified, []).Contains(field)
            && resource.Custom?.SelectableFields.Contains(field) != true)
        {
            throw ApiErrors.BadRequest($"field label not supported: {field}");
        }

        return field switch
        {
            "source" => ["source", "component"],
            "status.successful" => ["status", "succeeded"],

            // Events are stored under their core names.
            "reportingController" => ["reportingComponent"],
            _ when field.StartsWith("regarding.", StringComparison.Ordinal) => ["involvedObject", field["regarding.".Length..]],
            _ => field.Split('.'),
        };
    }

    // An absent field reads as Go's zero value, which is how clients ask for pods without a node and for nodes that take pods.
    private static string Text(YamlNode? node, string[] path) => node switch
    {
        YamlScalar { IsNull: false } scalar => scalar.Text,
        _ => path[^1] switch
        {
            "unschedulable" or "hostNetwork" => "false",
            "replicas" or "succeeded" => "0",
            _ => "",
        },
    };
}
