using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Migrating;

/// <summary>Reads what <c>argocd admin export</c> or <c>kubectl get -o yaml|json</c> wrote. Pure.</summary>
public static class MigrationExport
{
    private static readonly ReadLimits Limits = new() { MaxBytes = 256 * 1024 * 1024 };

    /// <summary>All objects of a text; lists are taken apart.</summary>
    /// <param name="file">The name for messages.</param>
    /// <param name="text">YAML or JSON.</param>
    /// <param name="space">The namespace of objects that name none: an export of Argo CD's leaves it out.</param>
    /// <exception cref="Controllers.DeliveryException">The text cannot be read, or holds something that is no object.</exception>
    public static IReadOnlyList<MigrationObject> Read(string file, ReadOnlySpan<byte> text, string space)
    {
        try
        {
            return [.. YamlText.ReadAll(text, Limits).SelectMany(d => Objects(file, d)).Select(o => new MigrationObject(In(o, space), file))];
        }
        catch (YamlException error)
        {
            throw new Controllers.DeliveryException(error.In(file));
        }
    }

    private static IEnumerable<YamlMap> Objects(string file, YamlNode document)
    {
        if (document.IsNull)
        {
            return [];
        }

        if (document is not YamlMap map || map["kind"]?.AsString() is not { Length: > 0 } kind || map["apiVersion"]?.AsString() is not { Length: > 0 })
        {
            throw new Controllers.DeliveryException(
                $"{file}:{document.Position}: is no Kubernetes object: apiVersion and kind are missing. Give what \"argocd admin export\" or \"kubectl get -o yaml\" printed");
        }

        return kind.EndsWith("List", StringComparison.Ordinal) && map["items"] is YamlList items ? items.SelectMany(i => Objects(file, i)) : [map];
    }

    private static KubernetesObject In(YamlMap map, string space)
    {
        var @object = new KubernetesObject(map);
        return @object.Namespace.Length > 0 ? @object : new KubernetesObject(map.With("metadata", @object.Metadata.With("namespace", space)));
    }
}
