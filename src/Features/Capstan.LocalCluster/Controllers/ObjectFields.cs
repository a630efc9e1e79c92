using System.Globalization;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Controllers;

/// <summary>Reads and writes the fields that several controllers share.</summary>
internal static class ObjectFields
{
    /// <summary>An integer field, or a default when it is absent or no integer.</summary>
    public static int Int(this YamlMap map, int otherwise, params ReadOnlySpan<string> path) =>
        map.At(path) is YamlScalar scalar && scalar.TryGetInteger(out var number) ? (int)Math.Clamp(number, int.MinValue, int.MaxValue) : otherwise;

    /// <summary>A boolean field; false when absent.</summary>
    public static bool Flag(this YamlMap map, params ReadOnlySpan<string> path) =>
        map.At(path) is YamlScalar { Kind: ScalarKind.Boolean, Text: "true" };

    /// <summary>A text field; empty when absent.</summary>
    public static string Text(this YamlMap map, params ReadOnlySpan<string> path) => map.At(path)?.AsString() ?? "";

    /// <summary>Kubernetes' metav1.Time: seconds, UTC.</summary>
    public static string Timestamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Reads a metav1.Time; null when the text is none.</summary>
    public static DateTimeOffset? ReadTimestamp(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : null;

    /// <summary>When the object was made; null when it does not say.</summary>
    public static DateTimeOffset? CreatedAt(this KubernetesObject subject) => ReadTimestamp(subject.Metadata.Text("creationTimestamp"));

    /// <summary>The uid of the owner that controls an object; null when none does.</summary>
    public static string? ControllerUid(this KubernetesObject subject)
    {
        foreach (var owner in subject.Metadata["ownerReferences"] as YamlList ?? YamlList.Empty)
        {
            if (owner is YamlMap reference && reference.Flag("controller"))
            {
                return reference.Text("uid");
            }
        }

        return null;
    }

    /// <summary>A reference that makes <paramref name="owner"/> the controller of another object.</summary>
    public static YamlMap ControllerReference(KubernetesObject owner) => YamlMap.Of(
        ("apiVersion", owner.ApiVersion),
        ("kind", owner.Kind),
        ("name", owner.Name),
        ("uid", owner.Uid),
        ("controller", true),
        ("blockOwnerDeletion", true));

    /// <summary>The object with one more owner, who controls it.</summary>
    public static KubernetesObject ControlledBy(this KubernetesObject subject, KubernetesObject owner)
    {
        var owners = subject.Metadata["ownerReferences"] as YamlList ?? YamlList.Empty;
        return subject.With(["metadata", "ownerReferences"], owners.Append(ControllerReference(owner)));
    }

    /// <summary>The object without the owner that controls it: it stays, and nobody counts it as theirs.</summary>
    public static KubernetesObject Released(this KubernetesObject subject, string ownerUid)
    {
        var owners = (subject.Metadata["ownerReferences"] as YamlList ?? YamlList.Empty).Where(o => o is not YamlMap reference || reference.Text("uid") != ownerUid).ToList();
        return owners.Count == 0 ? subject.Without("metadata", "ownerReferences") : subject.With(["metadata", "ownerReferences"], new YamlList(owners));
    }

    /// <summary>A condition of a status by its type, or null.</summary>
    public static YamlMap? Condition(this KubernetesObject subject, string type)
    {
        foreach (var item in subject.Status["conditions"] as YamlList ?? YamlList.Empty)
        {
            if (item is YamlMap condition && condition.Text("type") == type)
            {
                return condition;
            }
        }

        return null;
    }
}
