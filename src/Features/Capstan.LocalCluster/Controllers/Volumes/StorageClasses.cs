using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Controllers.Volumes;

/// <summary>The classes of storage, and the volumes that this cluster makes itself: folders of its nodes.</summary>
internal static class StorageClasses
{
    public const string Default = "standard";
    public const string Provisioner = "capstan.dev/folder";
    public const string ProvisionedBy = "pv.kubernetes.io/provisioned-by";
    private const string IsDefault = "storageclass.kubernetes.io/is-default-class";

    /// <summary>The class that every cluster has from the start.</summary>
    public static YamlMap First => YamlMap.Of(
        ("provisioner", Provisioner), ("reclaimPolicy", "Delete"), ("volumeBindingMode", "Immediate"), ("allowVolumeExpansion", true));

    public static YamlMap FirstAnnotations => YamlMap.Of((IsDefault, "true"));

    /// <summary>The class that a claim asks for: its own, the default one where it names none, or null.</summary>
    public static string? Of(KubernetesObject claim, IClusterView view) => claim.Spec["storageClassName"]?.AsString()
        ?? claim.Annotation("volume.beta.kubernetes.io/storage-class")
        ?? view.List(Kinds.StorageClass, "").Where(c => c.Annotation(IsDefault) == "true").OrderByDescending(c => c.CreatedAt()).FirstOrDefault()?.Name;

    /// <summary>A class whose volumes are made here; null for others.</summary>
    public static KubernetesObject? Provisioned(string? name, IClusterView view) =>
        name is { Length: > 0 } && view.Get(new ObjectKey(Kinds.StorageClass, "", name)) is { } found && found.Body.Text("provisioner") == Provisioner ? found : null;

    /// <summary>A volume for a claim. Its path is one of the node's, which lies beneath the folder that the node keeps for such paths.</summary>
    public static KubernetesObject Folder(KubernetesObject claim, KubernetesObject storage, YamlMap reference)
    {
        var name = $"pvc-{claim.Uid}";
        return new KubernetesObject(YamlMap.Of(
            ("apiVersion", "v1"),
            ("kind", "PersistentVolume"),
            ("metadata", YamlMap.Of(("name", name), ("annotations", YamlMap.Of((ProvisionedBy, Provisioner))))),
            ("spec", YamlMap.Of(
                ("capacity", YamlMap.Of(("storage", claim.Spec.At("resources", "requests", "storage") ?? "0"))),
                ("accessModes", claim.Spec["accessModes"] ?? YamlList.Create(["ReadWriteOnce"])),
                ("claimRef", reference),
                ("hostPath", YamlMap.Of(("path", $"/volumes/{claim.Namespace}_{claim.Name}_{name}"), ("type", "DirectoryOrCreate"))),
                ("persistentVolumeReclaimPolicy", storage.Body.Text("reclaimPolicy") is { Length: > 0 } policy ? policy : "Delete"),
                ("storageClassName", storage.Name),
                ("volumeMode", claim.Spec["volumeMode"] ?? "Filesystem")))));
    }
}
