using Capstan.Kustomize.Resources;

namespace Capstan.Kustomize.Spec;

/// <summary>Selects resources by regular expressions of their parts, and by labels and annotations.</summary>
internal sealed class ResourceSelector
{
    private readonly NamePattern? _group;
    private readonly NamePattern? _version;
    private readonly NamePattern? _kind;
    private readonly NamePattern? _name;
    private readonly NamePattern? _namespace;
    private readonly LabelSelector _labels;
    private readonly LabelSelector _annotations;

    /// <exception cref="KustomizeException">A part is no regular expression, or a selector is malformed.</exception>
    public ResourceSelector(SelectorSpec spec)
    {
        _group = Compile(spec.Id.Gvk.Group);
        _version = Compile(spec.Id.Gvk.Version);
        _kind = Compile(spec.Id.Gvk.Kind);
        _name = Compile(spec.Id.Name);
        _namespace = Compile(spec.Id.Namespace);
        _labels = LabelSelector.Parse(spec.Labels);
        _annotations = LabelSelector.Parse(spec.Annotations);
    }

    public List<Resource> Select(ResourceSet set) => [.. set.All.Where(Matches)];

    private static bool Is(NamePattern? pattern, string text) => pattern is null || pattern.IsMatch(text);

    private static NamePattern? Compile(string pattern)
    {
        if (pattern.Length == 0)
        {
            return null;
        }

        try
        {
            return new NamePattern(pattern);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            throw new KustomizeException($"the target's \"{pattern}\" is no regular expression: {error.Message}", inner: error);
        }
    }

    private bool Matches(Resource resource)
    {
        var (now, original) = (resource.Id, resource.OriginalId);
        return (Is(_namespace, original.EffectiveNamespace) || Is(_namespace, now.EffectiveNamespace))
            && (Is(_name, original.Name) || Is(_name, now.Name))
            && Is(_group, now.Gvk.Group) && Is(_version, now.Gvk.Version) && Is(_kind, now.Gvk.Kind)
            && _labels.Matches(resource.Meta("labels")) && _annotations.Matches(resource.Meta("annotations"));
    }
}
