using System.Security.Cryptography;
using Capstan.LocalCluster.ApiServer.Operations;
using Capstan.LocalCluster.Storage;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Objects;

/// <summary>Gives a pod its service account: the account must be there, its pull secrets are the pod's, and its token is mounted (admission plugin ServiceAccount).</summary>
internal static class PodAccount
{
    private const string MountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
    private const string Letters = "bcdfghjklmnpqrstvwxz2456789";

    public static YamlMap Give(Target target, YamlMap pod, ObjectStore store)
    {
        // A mirror of a pod that a node runs by itself has no account.
        if (pod.At("metadata", "annotations", "kubernetes.io/config.mirror") is not null)
        {
            return pod;
        }

        var name = pod.Text("spec", "serviceAccountName");
        var account = store.Get(new StoreKey("serviceaccounts", target.Namespace, name))?.Tree;

        // The default account of a new namespace is about to be made.
        if (account is null && name != "default")
        {
            throw ApiErrors.Forbidden(target.Resource, pod.Text("metadata", "name"), $"error looking up service account {target.Namespace}/{name}: serviceaccount \"{name}\" not found");
        }

        if (pod.At("spec", "imagePullSecrets") is null && account?["imagePullSecrets"] is YamlList { Count: > 0 } secrets)
        {
            pod = pod.WithAt(["spec", "imagePullSecrets"], secrets);
        }

        return (pod.At("spec", "automountServiceAccountToken") ?? account?["automountServiceAccountToken"]) is YamlScalar { Text: "false" } ? pod : Mounted(pod);
    }

    private static YamlMap Mounted(YamlMap pod)
    {
        var all = pod.Maps("spec", "containers").Concat(pod.Maps("spec", "initContainers"));
        if (all.All(HasToken))
        {
            return pod;
        }

        var name = "kube-api-access-" + RandomNumberGenerator.GetString(Letters, 5);
        var mount = YamlMap.Of(("name", name), ("readOnly", true), ("mountPath", MountPath));
        return pod.Change("spec", spec => spec.With("volumes", (spec["volumes"] as YamlList ?? YamlList.Empty).Append(Volume(name)))
            .ChangeEach("containers", c => Mount(c, mount)).ChangeEach("initContainers", c => Mount(c, mount)));
    }

    private static YamlMap Mount(YamlMap container, YamlMap mount) =>
        HasToken(container) ? container : container.With("volumeMounts", (container["volumeMounts"] as YamlList ?? YamlList.Empty).Append(mount));

    private static bool HasToken(YamlMap container) => container.Maps("volumeMounts").Any(m => m.Text("mountPath") == MountPath);

    private static YamlMap Volume(string name)
    {
        var field = YamlMap.Of(("path", "namespace"), ("fieldRef", YamlMap.Of(("apiVersion", "v1"), ("fieldPath", "metadata.namespace"))));
        return YamlMap.Of(("name", name), ("projected", YamlMap.Of(
            ("sources", YamlList.Create(
            [
                YamlMap.Of(("serviceAccountToken", YamlMap.Of(("expirationSeconds", 3607), ("path", "token")))),
                YamlMap.Of(("configMap", YamlMap.Of(
                    ("name", Controllers.Accounts.RootCertificateController.Name),
                    ("items", YamlList.Create([YamlMap.Of(("key", "ca.crt"), ("path", "ca.crt"))]))))),
                YamlMap.Of(("downwardAPI", YamlMap.Of(("items", YamlList.Create([field]))))),
            ])),
            ("defaultMode", 420))));
    }
}
