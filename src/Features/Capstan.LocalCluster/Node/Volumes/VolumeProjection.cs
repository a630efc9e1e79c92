using System.Text;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.Node.Pods;
using Capstan.Resources;
using Capstan.Yaml;
using Kinds = Capstan.LocalCluster.Controllers.Kinds;

namespace Capstan.LocalCluster.Node.Volumes;

/// <summary>The files of volumes that mirror objects: configMap, secret, downwardAPI, and projected, which holds several of them and tokens.</summary>
internal sealed class VolumeProjection(ClusterClient cluster, KubernetesObject pod, FieldReferences fields, AccountTokenSource tokens)
{
    private const int UsualMode = 420;

    /// <summary>The files; null for a volume of another kind.</summary>
    /// <exception cref="PodProblemException">What it should hold is not there.</exception>
    public Dictionary<string, VolumeFile>? Files(YamlMap volume)
    {
        var files = new Dictionary<string, VolumeFile>(StringComparer.Ordinal);
        var name = volume.Text("name");
        if (volume["projected"] is YamlMap projected)
        {
            foreach (var source in projected.Maps("sources"))
            {
                if (!Take(name, source, Mode(projected["defaultMode"], UsualMode), files))
                {
                    throw Failed(name, $"the source {string.Join(", ", source.Keys)} of a projected volume is not supported");
                }
            }

            return files;
        }

        return Take(name, volume, UsualMode, files) ? files : null;
    }

    private bool Take(string volume, YamlMap source, int mode, Dictionary<string, VolumeFile> files)
    {
        if (source["configMap"] is YamlMap map)
        {
            TakeObject(volume, Kinds.ConfigMap, "configmap", map.Text("name"), map, Mode(map["defaultMode"], mode), files);
        }
        else if (source["secret"] is YamlMap secret)
        {
            // A volume says secretName, a projection says name.
            var named = secret.Text("secretName") is { Length: > 0 } given ? given : secret.Text("name");
            TakeObject(volume, Kinds.Secret, "secret", named, secret, Mode(secret["defaultMode"], mode), files);
        }
        else if (source["downwardAPI"] is YamlMap downward)
        {
            TakeFields(volume, downward, Mode(downward["defaultMode"], mode), files);
        }
        else if (source["serviceAccountToken"] is YamlMap token)
        {
            var seconds = token.Number("expirationSeconds") ?? 3600;
            Put(volume, token.Text("path"), Encoding.UTF8.GetBytes(tokens(pod, token.Text("audience"), TimeSpan.FromSeconds(seconds))), mode, files);
        }
        else
        {
            return false;
        }

        return true;
    }

    private void TakeObject(string volume, GroupKind kind, string word, string name, YamlMap source, int mode, Dictionary<string, VolumeFile> files)
    {
        if (cluster.Get(new ObjectKey(kind, pod.Namespace, name)) is not { } found)
        {
            if (!source.IsTrue("optional"))
            {
                throw Failed(volume, $"{word} \"{name}\" not found");
            }

            return;
        }

        var data = ObjectData.Bytes(found);
        if (source["items"] is not YamlList { Count: > 0 })
        {
            foreach (var (key, bytes) in data)
            {
                Put(volume, key, bytes, mode, files);
            }

            return;
        }

        foreach (var item in source.Maps("items"))
        {
            if (data.TryGetValue(item.Text("key"), out var bytes))
            {
                Put(volume, item.Text("path"), bytes, Mode(item["mode"], mode), files);
            }
            else if (!source.IsTrue("optional"))
            {
                throw Failed(volume, $"{word} references non-existent {(word == "secret" ? "secret" : "config")} key: {item.Text("key")}");
            }
        }
    }

    private void TakeFields(string volume, YamlMap downward, int mode, Dictionary<string, VolumeFile> files)
    {
        foreach (var item in downward.Maps("items"))
        {
            var text = item["fieldRef"] is YamlMap field
                ? fields.Field(field.Text("fieldPath"))
                : fields.Resource(ContainerEntry.Of(pod).FirstOrDefault(c => c.Name == item.Text("resourceFieldRef", "containerName"))?.Body ?? YamlMap.Empty, item.MapAt("resourceFieldRef"));
            Put(volume, item.Text("path"), Encoding.UTF8.GetBytes(text ?? throw Failed(volume, $"{item.Text("path")}: the field cannot be referred to")), Mode(item["mode"], mode), files);
        }
    }

    private static void Put(string volume, string path, byte[] content, int mode, Dictionary<string, VolumeFile> files)
    {
        if (path.Length == 0 || path.StartsWith('/') || path.Split('/').Any(p => p is ".." or "" or "."))
        {
            throw Failed(volume, $"the path \"{path}\" is not beneath the volume");
        }

        files[path] = new VolumeFile(content, (UnixFileMode)(mode & 0b111_111_111));
    }

    private static int Mode(YamlNode? node, int otherwise) => node is YamlScalar scalar && scalar.TryGetInteger(out var mode) ? (int)mode : otherwise;

    private static PodProblemException Failed(string volume, string why) => new("FailedMount", $"MountVolume.SetUp failed for volume \"{volume}\" : {why}");
}
