using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>
/// Where an object's tree is read from when it is asked for. What is asked of every object is at hand without the tree, so that
/// thousands of objects can be kept as bytes.
/// </summary>
public interface IObjectBody
{
    /// <summary>Group, version and kind.</summary>
    GroupVersionKind Kind { get; }

    /// <summary><c>metadata.namespace</c>; empty where there is none.</summary>
    string Namespace { get; }

    /// <summary><c>metadata.name</c>.</summary>
    string Name { get; }

    /// <summary><c>metadata.uid</c>; empty where there is none.</summary>
    string Uid { get; }

    /// <summary><c>metadata.resourceVersion</c>; empty where there is none.</summary>
    string ResourceVersion { get; }

    /// <summary>The whole object; always the same content.</summary>
    YamlMap ReadBody();
}

/// <summary>An object kept as its JSON.</summary>
internal sealed class PackedBody(KubernetesObject whole) : IObjectBody
{
    private readonly PackedTree _tree = new(whole.Body);

    public GroupVersionKind Kind { get; } = whole.GroupVersionKind;

    public string Namespace { get; } = whole.Namespace;

    public string Name { get; } = whole.Name;

    public string Uid { get; } = whole.Uid;

    public string ResourceVersion { get; } = whole.ResourceVersion;

    public ReadOnlyMemory<byte> Json => _tree.Json;

    public YamlMap ReadBody() => _tree.Read();
}
