using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Resources;
using Capstan.Yaml;
using Kinds = Capstan.LocalCluster.Controllers.Kinds;

namespace Capstan.LocalCluster.Node.Pods;

/// <summary>The variables of a container: those of its namespace's Services, then <c>envFrom</c>, then <c>env</c>; later ones win and may refer to earlier ones.</summary>
internal sealed class ContainerVariables(ClusterClient cluster, KubernetesObject pod, FieldReferences fields)
{
    /// <exception cref="PodProblemException">A ConfigMap, Secret or key is not there.</exception>
    public Dictionary<string, string> Of(YamlMap container)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in ServiceVariables.Of(cluster, pod))
        {
            variables[name] = value;
        }

        foreach (var source in container.Maps("envFrom"))
        {
            TakeAll(source, variables);
        }

        foreach (var variable in container.Maps("env"))
        {
            if (Value(container, variable, variables) is { } value)
            {
                variables[variable.Text("name")] = value;
            }
        }

        return variables;
    }

    private void TakeAll(YamlMap source, Dictionary<string, string> variables)
    {
        var (kind, word, reference) = source["secretRef"] is YamlMap secret ? (Kinds.Secret, "secret", secret) : (Kinds.ConfigMap, "configmap", source.MapAt("configMapRef"));
        if (cluster.Get(new ObjectKey(kind, pod.Namespace, reference.Text("name"))) is not { } found)
        {
            if (!reference.IsTrue("optional"))
            {
                throw Missing($"{word} \"{reference.Text("name")}\" not found");
            }

            return;
        }

        foreach (var (key, value) in ObjectData.Texts(found))
        {
            variables[source.Text("prefix") + key] = value;
        }
    }

    private string? Value(YamlMap container, YamlMap variable, Dictionary<string, string> known)
    {
        if (variable["valueFrom"] is not YamlMap from)
        {
            return Expansion.Expand(variable.Text("value"), known);
        }

        if (from["fieldRef"] is YamlMap field)
        {
            return fields.Field(field.Text("fieldPath")) ?? throw Missing($"the field {field.Text("fieldPath")} cannot be referred to");
        }

        if (from["resourceFieldRef"] is YamlMap resource)
        {
            var named = resource.Text("containerName");
            var other = named.Length == 0 ? container : ContainerEntry.Of(pod).FirstOrDefault(c => c.Name == named)?.Body ?? container;
            return fields.Resource(other, resource) ?? throw Missing($"the resource {resource.Text("resource")} cannot be referred to");
        }

        var (kind, word, key) = from["secretKeyRef"] is YamlMap secret ? (Kinds.Secret, "secret", secret) : (Kinds.ConfigMap, "configmap", from.MapAt("configMapKeyRef"));
        var found = cluster.Get(new ObjectKey(kind, pod.Namespace, key.Text("name")));
        if (found is not null && ObjectData.Texts(found).TryGetValue(key.Text("key"), out var value))
        {
            return value;
        }

        return key.IsTrue("optional") ? null : throw Missing(found is null
            ? $"{word} \"{key.Text("name")}\" not found"
            : $"couldn't find key {key.Text("key")} in {(word == "secret" ? "Secret" : "ConfigMap")} {pod.Namespace}/{key.Text("name")}");
    }

    private static PodProblemException Missing(string message) => new("CreateContainerConfigError", message);
}
