using System.Text.RegularExpressions;
using Capstan.Oci.Content;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Server.Tracing;

/// <summary>Which images objects of a cluster name.</summary>
internal static partial class ImageUse
{
    private const int Deepest = 60;

    /// <summary>The kinds whose objects run images, or will.</summary>
    public static readonly GroupKind[] Kinds =
    [
        new("", "Pod"), new("apps", "Deployment"), new("apps", "ReplicaSet"), new("apps", "StatefulSet"), new("apps", "DaemonSet"), new("batch", "Job"), new("batch", "CronJob"),
    ];

    /// <summary>The images of one object, as it names them, and as it says that they are.</summary>
    public static IReadOnlyList<string> Of(KubernetesObject @object)
    {
        var found = new List<string>();
        Walk(@object.Body, found, 0);
        return found;
    }

    /// <summary>Every digest of a text.</summary>
    public static IEnumerable<Digest> DigestsIn(string text) => Sha256().Matches(text).Select(m => Digest.Parse(m.Value));

    private static void Walk(YamlNode node, List<string> found, int depth)
    {
        if (depth > Deepest) return;
        foreach (var inner in node.AsList() ?? YamlList.Empty) Walk(inner, found, depth + 1);
        foreach (var (key, value) in node.AsMap() ?? YamlMap.Empty)
        {
            if (key is "image" or "imageID" && value.AsString() is { Length: > 0 } image) found.Add(image);
            else Walk(value, found, depth + 1);
        }
    }

    [GeneratedRegex("sha256:[0-9a-f]{64}")]
    private static partial Regex Sha256();
}
