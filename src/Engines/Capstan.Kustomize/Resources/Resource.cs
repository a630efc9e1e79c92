using Capstan.Kustomize.Identity;
using Capstan.Yaml;

namespace Capstan.Kustomize.Resources;

/// <summary>
/// One resource on its way through the build: its tree (immutable, replaced as a whole) and what the build must remember of it. kustomize
/// keeps the latter in annotations of the resource; <see cref="HasBuildNotes"/> tells where that shows.
/// </summary>
internal sealed class Resource
{
    private YamlMap _body;
    private ResourceId _id;
    private List<ResourceId>? _previous;
    private List<string>? _prefixes;
    private List<string>? _suffixes;

    public Resource(YamlMap body, string file)
    {
        _body = body;
        _id = ReadId(body, null);
        File = file;
        Line = body.Position.Line;
    }

    /// <summary>The file the resource was read from, relative to the tree's root.</summary>
    public string File { get; set; }

    /// <summary>The line at which it begins there; 0 when it was generated.</summary>
    public int Line { get; set; }

    /// <summary>Place in its set, for keeping results in order.</summary>
    public int Order { get; set; }

    /// <summary>The set that holds the resource, which learns of new identities.</summary>
    public ResourceSet? Set { get; set; }

    /// <summary>The tree. An empty map means that the resource was deleted.</summary>
    public YamlMap Body
    {
        get => _body;
        set
        {
            if (ReferenceEquals(_body, value))
            {
                return;
            }

            var before = _body;
            _body = value;
            if (IsDeleted)
            {
                Set?.LearnDeletion();
            }

            // Most changes leave alone what the identity is read from.
            if (ReferenceEquals(before["metadata"], value["metadata"]) && HasSameKind(before, value))
            {
                return;
            }

            var id = ReadId(value, HasSameKind(before, value) ? _id.Gvk : null);
            if (id != _id)
            {
                _id = id;
                Set?.Learn(this);
            }
        }
    }

    public bool IsDeleted => _body.Count == 0;

    public ResourceId Id => _id;

    /// <summary>The identity at first.</summary>
    public ResourceId OriginalId => _previous is { Count: > 0 } ? Previous(0) : _id;

    public int PreviousCount => _previous?.Count ?? 0;

    public string Name => _id.Name;

    public string Namespace => _id.Namespace;

    public string Kind => _id.Gvk.Kind;

    public bool NeedsHash { get; set; }

    public GenerationBehavior Behavior { get; set; }

    public bool IsGenerated { get; set; }

    public bool AllowNameChange { get; set; }

    public bool AllowKindChange { get; set; }

    public List<string> VariableNames { get; private set; } = [];

    public IReadOnlyList<string> Prefixes => _prefixes ?? [];

    public IReadOnlyList<string> Suffixes => _suffixes ?? [];

    /// <summary>Whether kustomize would have notes of the build in the resource's annotations by now.</summary>
    public bool HasBuildNotes => _previous is not null || NeedsHash || IsGenerated || _prefixes is not null || _suffixes is not null;

    /// <summary>An earlier identity; its group and version are those of now, as kustomize has it.</summary>
    public ResourceId Previous(int index) => _previous![index] with { Gvk = new Gvk(_id.Gvk.Group, _id.Gvk.Version, _previous[index].Gvk.Kind) };

    public IEnumerable<ResourceId> AllIds()
    {
        for (var i = 0; i < PreviousCount; i++)
        {
            yield return Previous(i);
        }

        yield return _id;
    }

    public bool Had(in ResourceId id)
    {
        for (var i = 0; i < PreviousCount; i++)
        {
            if (Previous(i).Means(id))
            {
                return true;
            }
        }

        return _id.Means(id);
    }

    /// <summary>Texts that stand in several fields at once; null while there are none.</summary>
    public SharedScalars? Shared { get; set; }

    /// <summary>Remembers the identity of now before it changes.</summary>
    public void RememberId() => (_previous ??= []).Add(_id with { Namespace = _id.EffectiveNamespace });

    public void AddPrefix(string prefix) => (_prefixes ??= []).AddRange(prefix.Split(','));

    public void AddSuffix(string suffix) => (_suffixes ??= []).AddRange(suffix.Split(','));

    /// <summary>Takes the build's notes over from another resource whose place this one takes.</summary>
    public void TakeNotesFrom(Resource other)
    {
        _previous = other._previous is null ? null : [.. other._previous];
        _prefixes = other._prefixes is null ? null : [.. other._prefixes];
        _suffixes = other._suffixes is null ? null : [.. other._suffixes];
        VariableNames = [.. other.VariableNames];
    }

    public void SetName(string name) => SetMeta("name", name);

    public void SetNamespace(string value)
    {
        if (value.Length > 0)
        {
            SetMeta("namespace", value);
        }
        else if (Body["metadata"] is YamlMap metadata && metadata.ContainsKey("namespace"))
        {
            Body = Body.With("metadata", metadata.Without("namespace"));
        }
    }

    public void SetKind(string kind)
    {
        if (ScalarNodes.Source(Body["kind"]) != kind)
        {
            Body = Body.With("kind", ScalarNodes.Untagged(kind, Body["kind"]));
        }
    }

    /// <summary>The entries of <c>metadata.labels</c> or <c>metadata.annotations</c> as text.</summary>
    public IEnumerable<KeyValuePair<string, string>> Meta(string field)
    {
        if (Body.At("metadata", field) is not YamlMap map)
        {
            yield break;
        }

        foreach (var (key, value) in map)
        {
            yield return new(key, ScalarNodes.Source(value));
        }
    }

    /// <summary>The text of one annotation; null when the resource lacks it.</summary>
    public string? Annotation(string name) => Body.At("metadata", "annotations") is YamlMap map && map[name] is { } value ? ScalarNodes.Source(value) : null;

    /// <summary>Sets <c>metadata.labels</c> or <c>metadata.annotations</c>; an empty one goes away.</summary>
    public void SetMeta(string field, IReadOnlyCollection<KeyValuePair<string, string>> entries)
    {
        var metadata = Body["metadata"] as YamlMap ?? YamlMap.Empty;
        if (entries.Count == 0)
        {
            Body = Body.With("metadata", metadata.Without(field));
            return;
        }

        var map = new YamlMapBuilder(entries.Count);
        foreach (var (key, value) in entries)
        {
            map.Set(key, ScalarNodes.Text(value));
        }

        Body = Body.With("metadata", metadata.With(field, map.ToMap()));
    }

    private static bool HasSameKind(YamlMap left, YamlMap right) =>
        ReferenceEquals(left["apiVersion"], right["apiVersion"]) && ReferenceEquals(left["kind"], right["kind"]);

    private static ResourceId ReadId(YamlMap body, Gvk? known)
    {
        var metadata = body["metadata"] as YamlMap;
        return new ResourceId(
            known ?? Gvk.From(ScalarNodes.Source(body["apiVersion"]), ScalarNodes.Source(body["kind"])),
            ScalarNodes.Value(metadata?["name"]), ScalarNodes.Value(metadata?["namespace"]));
    }

    private void SetMeta(string field, string value)
    {
        var metadata = Body["metadata"] as YamlMap ?? YamlMap.Empty;
        if (!metadata.ContainsKey(field) || ScalarNodes.Source(metadata[field]) != value)
        {
            Body = Body.With("metadata", metadata.With(field, ScalarNodes.Untagged(value, metadata[field])));
        }
    }
}

/// <summary>What a generated resource does with one that is there already.</summary>
internal enum GenerationBehavior
{
    Unspecified,
    Create,
    Replace,
    Merge,
}
