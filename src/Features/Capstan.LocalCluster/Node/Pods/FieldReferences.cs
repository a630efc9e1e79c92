using System.Globalization;
using System.Text;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Node.Pods;

/// <summary>Fields of a pod and of its containers' resources as text, for variables and files.</summary>
internal sealed class FieldReferences(KubernetesObject pod, string podIp, string nodeName, string nodeIp, decimal nodeCpus, decimal nodeMemory)
{
    /// <summary>A <c>fieldPath</c>; null when it is none that can be referred to.</summary>
    public string? Field(string path) => path switch
    {
        "metadata.name" => pod.Name,
        "metadata.namespace" => pod.Namespace,
        "metadata.uid" => pod.Uid,
        "metadata.labels" => Lines(pod.Labels),
        "metadata.annotations" => Lines(pod.Annotations),
        "spec.nodeName" => nodeName,
        "spec.serviceAccountName" => pod.Spec.Text("serviceAccountName"),
        "status.hostIP" or "status.hostIPs" => nodeIp,
        "status.podIP" or "status.podIPs" => podIp,
        _ when Subscript(path, "metadata.labels") is { } label => pod.Label(label) ?? "",
        _ when Subscript(path, "metadata.annotations") is { } annotation => pod.Annotation(annotation) ?? "",
        _ => null,
    };

    /// <summary>A <c>resourceFieldRef</c>; null when it is none that can be referred to.</summary>
    /// <param name="container">The container that it names, or that asks.</param>
    /// <param name="reference">The reference.</param>
    public string? Resource(YamlMap container, YamlMap reference)
    {
        var parts = reference.Text("resource").Split('.', 2);
        if (parts is not [("limits" or "requests") and var list, var name])
        {
            return null;
        }

        var amount = Quantities.TryParse(container.At("resources", list, name)?.AsString() ?? "", out var given) ? given : name switch
        {
            // What is not limited is limited by the node (Kubernetes: allocatable); what is not requested is nothing.
            "cpu" when list == "limits" => nodeCpus,
            "memory" when list == "limits" => nodeMemory,
            _ => 0,
        };
        var divisor = Quantities.TryParse(reference["divisor"]?.AsString() ?? "", out var by) && by != 0 ? by : 1;
        return Math.Ceiling(amount / divisor).ToString("0", CultureInfo.InvariantCulture);
    }

    private static string? Subscript(string path, string of) =>
        path.StartsWith(of + "['", StringComparison.Ordinal) && path.EndsWith("']", StringComparison.Ordinal) ? path[(of.Length + 2)..^2] : null;

    // Kubernetes, pkg/fieldpath: key="value" with Go's quoting, one a line, by key.
    private static string Lines(YamlMap map)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in map.OrderBy(e => e.Key, StringComparer.Ordinal))
        {
            text.Append(key).Append("=\"");
            foreach (var letter in value.AsString() ?? "")
            {
                text.Append(letter switch { '"' => "\\\"", '\\' => "\\\\", '\n' => "\\n", '\t' => "\\t", '\r' => "\\r", _ => letter.ToString() });
            }

            text.Append("\"\n");
        }

        return text.ToString();
    }
}
