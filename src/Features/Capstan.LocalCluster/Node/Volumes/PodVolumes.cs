using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.Node.Pods;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Node.Volumes;

/// <summary>Makes the volumes of pods as folders of the machine, and keeps those that mirror objects up to date.</summary>
/// <param name="cluster">Where ConfigMaps, Secrets and claims are.</param>
/// <param name="folders">Where the node keeps what is on disk.</param>
/// <param name="tokens">Issues tokens of service accounts.</param>
/// <param name="time">The clock.</param>
internal sealed class PodVolumes(ClusterClient cluster, NodeFolders folders, AccountTokenSource tokens, TimeProvider time)
{
    private const UnixFileMode Everybody = (UnixFileMode)0b111_111_111;

    /// <summary>The folder or file of each volume, by the volume's name; made or brought up to date.</summary>
    /// <exception cref="PodProblemException">FailedMount: what it should hold is not there.</exception>
    public Dictionary<string, string> Prepare(KubernetesObject pod, FieldReferences fields)
    {
        var made = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var volume in pod.Spec.Maps("volumes"))
        {
            made[volume.Text("name")] = Make(pod, volume, fields);
        }

        return made;
    }

    private string Make(KubernetesObject pod, YamlMap volume, FieldReferences fields)
    {
        var name = volume.Text("name");
        if (volume["emptyDir"] is not null)
        {
            return Shared(folders.Volume(pod.Uid, "empty-dir", name));
        }

        if (volume["hostPath"] is YamlMap host)
        {
            return HostPath(name, host);
        }

        if (volume["persistentVolumeClaim"] is YamlMap claim)
        {
            return Claimed(pod, name, claim.Text("claimName"));
        }

        if (volume["ephemeral"] is not null)
        {
            return Claimed(pod, name, $"{pod.Name}-{name}");
        }

        var projection = new VolumeProjection(cluster, pod, fields, tokens);
        var folder = folders.Volume(pod.Uid, "projected", name);
        var files = projection.Files(volume) ?? throw Failed(name, $"the kind of volume {string.Join(", ", volume.Keys.Where(k => k != "name"))} is not supported by this node");
        AtomicFolder.Write(folder, files, time.GetUtcNow());
        return folder;
    }

    private string HostPath(string name, YamlMap host)
    {
        var path = host.Text("path");
        var place = ConfinedFolder.Beneath(folders.HostPath, path) ?? throw Failed(name, $"hostPath {path} leaves the folder {folders.HostPath}, beneath which every hostPath lies");
        var type = host.Text("type");
        if (type is "DirectoryOrCreate" or "" && !File.Exists(place))
        {
            return Shared(place);
        }

        if (type == "FileOrCreate" && !File.Exists(place))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            File.WriteAllBytes(place, []);
        }

        var fits = type switch
        {
            "Directory" => Directory.Exists(place),
            "File" or "FileOrCreate" or "" => File.Exists(place),
            _ => throw Failed(name, $"hostPath type {type} is not allowed: sockets and devices lead out of the container"),
        };
        return fits ? place : throw Failed(name, $"hostPath type check failed: {path} is not a {type.ToLowerInvariant()} (looked for beneath {folders.HostPath})");
    }

    private string Claimed(KubernetesObject pod, string name, string claimName)
    {
        var claim = cluster.Get(new ObjectKey(new GroupKind("", "PersistentVolumeClaim"), pod.Namespace, claimName))
            ?? throw Failed(name, $"persistentvolumeclaim \"{claimName}\" not found");
        if (claim.Spec.Text("volumeName") is not { Length: > 0 } volumeName || claim.Status.Text("phase") != "Bound")
        {
            throw Failed(name, $"PersistentVolumeClaim is not bound: \"{claimName}\"");
        }

        var volume = cluster.Get(new ObjectKey(new GroupKind("", "PersistentVolume"), "", volumeName)) ?? throw Failed(name, $"persistentvolume \"{volumeName}\" not found");
        var path = volume.Spec.Text("hostPath", "path") is { Length: > 0 } host ? host : volume.Spec.Text("local", "path");
        if (path.Length == 0)
        {
            throw Failed(name, $"the volume {volumeName} is none of folders; this node can mount no other");
        }

        return Shared(ConfinedFolder.Beneath(folders.HostPath, path) ?? throw Failed(name, $"the volume {volumeName} leaves the folder {folders.HostPath}"));
    }

    // Containers run under users that the machine does not know.
    private static string Shared(string folder)
    {
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(folder, Everybody);
            }
        }

        return folder;
    }

    private static PodProblemException Failed(string volume, string why) => new("FailedMount", $"MountVolume.SetUp failed for volume \"{volume}\" : {why}");
}

/// <summary>Issues a token of a service account for a pod.</summary>
/// <param name="pod">The pod, with which the token ends.</param>
/// <param name="audience">For whom it is; empty for the API.</param>
/// <param name="lifetime">How long it is good.</param>
internal delegate string AccountTokenSource(KubernetesObject pod, string audience, TimeSpan lifetime);
