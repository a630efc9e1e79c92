using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>
/// One Kubernetes object as data: an immutable tree with names for the fields that every object has. Absent or ill-typed fields read as
/// empty; whether an object is well-formed is asked of <see cref="ObjectRules"/> once, where it enters.
/// </summary>
public sealed record KubernetesObject
{
    private readonly YamlMap? _tree;
    private readonly IObjectBody? _body;

    /// <summary>Makes an object of its tree.</summary>
    public KubernetesObject(YamlMap body) => _tree = body;

    /// <summary>Makes an object whose tree is read when it is asked for.</summary>
    public KubernetesObject(IObjectBody body) => _body = body;

    /// <summary>The whole object.</summary>
    public YamlMap Body => _tree ?? _body!.ReadBody();

    /// <summary><c>apiVersion</c>.</summary>
    public string ApiVersion => Body["apiVersion"]?.AsString() ?? "";

    /// <summary><c>kind</c>.</summary>
    public string Kind => Body["kind"]?.AsString() ?? "";

    /// <summary>Group, version and kind.</summary>
    public GroupVersionKind GroupVersionKind => _body?.Kind ?? GroupVersionKind.From(ApiVersion, Kind);

    /// <summary>Group and kind.</summary>
    public GroupKind GroupKind => GroupVersionKind.GroupKind;

    /// <summary><c>metadata</c>, or an empty map.</summary>
    public YamlMap Metadata => Body["metadata"] as YamlMap ?? YamlMap.Empty;

    /// <summary><c>metadata.name</c>.</summary>
    public string Name => _body?.Name ?? Metadata["name"]?.AsString() ?? "";

    /// <summary><c>metadata.generateName</c>.</summary>
    public string GenerateName => Metadata["generateName"]?.AsString() ?? "";

    /// <summary><c>metadata.namespace</c>; empty for cluster-scoped objects and where none was given.</summary>
    public string Namespace => _body?.Namespace ?? Metadata["namespace"]?.AsString() ?? "";

    /// <summary><c>metadata.uid</c>.</summary>
    public string Uid => _body?.Uid ?? Metadata["uid"]?.AsString() ?? "";

    /// <summary><c>metadata.resourceVersion</c>.</summary>
    public string ResourceVersion => _body?.ResourceVersion ?? Metadata["resourceVersion"]?.AsString() ?? "";

    /// <summary><c>metadata.generation</c>; 0 when absent.</summary>
    public long Generation => Metadata["generation"] is YamlScalar scalar && scalar.TryGetInteger(out var number) ? number : 0;

    /// <summary><c>metadata.deletionTimestamp</c>; null while the object is not being deleted.</summary>
    public string? DeletionTimestamp => Metadata["deletionTimestamp"]?.AsString();

    /// <summary><c>metadata.labels</c>, or an empty map.</summary>
    public YamlMap Labels => Metadata["labels"] as YamlMap ?? YamlMap.Empty;

    /// <summary><c>metadata.annotations</c>, or an empty map.</summary>
    public YamlMap Annotations => Metadata["annotations"] as YamlMap ?? YamlMap.Empty;

    /// <summary><c>metadata.finalizers</c>.</summary>
    public IEnumerable<string> Finalizers => (Metadata["finalizers"] as YamlList ?? YamlList.Empty).Select(f => f.AsString() ?? "");

    /// <summary><c>spec</c>, or an empty map.</summary>
    public YamlMap Spec => Body["spec"] as YamlMap ?? YamlMap.Empty;

    /// <summary><c>status</c>, or an empty map.</summary>
    public YamlMap Status => Body["status"] as YamlMap ?? YamlMap.Empty;

    /// <summary>Which object this is.</summary>
    public ObjectKey Key => new(GroupKind, Namespace, Name);

    /// <summary>The value of an annotation, or null.</summary>
    public string? Annotation(string name) => Annotations[name]?.AsString();

    /// <summary>The value of a label, or null.</summary>
    public string? Label(string name) => Labels[name]?.AsString();

    /// <summary>The object with a field set; see <see cref="YamlMap.WithAt"/>.</summary>
    public KubernetesObject With(ReadOnlySpan<string> path, YamlNode value) => new(Body.WithAt(path, value));

    /// <summary>The object without a field.</summary>
    public KubernetesObject Without(params ReadOnlySpan<string> path) => new(Body.WithoutAt(path));

    /// <summary>The object with an annotation set.</summary>
    public KubernetesObject WithAnnotation(string name, string value) => With(["metadata", "annotations", name], value);

    /// <summary>The object with a label set.</summary>
    public KubernetesObject WithLabel(string name, string value) => With(["metadata", "labels", name], value);

    /// <summary>The object in a namespace.</summary>
    public KubernetesObject WithNamespace(string value) => With(["metadata", "namespace"], value);

    /// <summary>The same object kept as JSON, for a long time; see <see cref="PackedTree"/>.</summary>
    public KubernetesObject Packed() => _body is null ? new KubernetesObject(new PackedBody(this)) : this;

    /// <summary>The whole object as compact JSON.</summary>
    public ReadOnlyMemory<byte> ToJson() => _body is PackedBody packed ? packed.Json : JsonText.WriteBytes(Body);

    /// <summary>Whether both say the same.</summary>
    public bool Equals(KubernetesObject? other) => other is not null && (ReferenceEquals(this, other) || Body.Equals(other.Body));

    /// <inheritdoc/>
    public override int GetHashCode() => Body.GetHashCode();

    /// <summary><c>Kind/namespace/name</c>.</summary>
    public override string ToString() => Key.ToString();
}
