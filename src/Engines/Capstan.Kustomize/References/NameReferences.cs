using Capstan.Kustomize.Fields;
using Capstan.Kustomize.Identity;
using Capstan.Kustomize.Resources;
using Capstan.Yaml;

namespace Capstan.Kustomize.References;

/// <summary>
/// Makes references follow renames: wherever a field holds the earlier name of another resource, it gets the name of now. Candidates are found
/// by name, so that the work grows with the resources and their references.
/// </summary>
internal sealed class NameReferences
{
    private readonly ResourceSet _set;
    private readonly IReadOnlyList<NameReference> _references;
    private readonly Dictionary<string, List<Resource>> _byPreviousName = new(StringComparer.Ordinal);
    private readonly Dictionary<Gvk, FieldWalk[]> _fieldsOfKind = [];
    private readonly Dictionary<string, HashSet<string>> _namespacesByOriginal = new(StringComparer.Ordinal);
    private Referrer _referrer = null!;

    public NameReferences(ResourceSet set, IReadOnlyList<NameReference> references)
    {
        _set = set;
        _references = references;
        foreach (var resource in set.All)
        {
            for (var i = 0; i < resource.PreviousCount; i++)
            {
                var name = resource.Previous(i).Name;
                if (!_byPreviousName.TryGetValue(name, out var list))
                {
                    _byPreviousName[name] = list = [];
                }

                if (list.Count == 0 || !ReferenceEquals(list[^1], resource))
                {
                    list.Add(resource);
                }
            }

            var original = resource.OriginalId.EffectiveNamespace;
            if (!_namespacesByOriginal.TryGetValue(original, out var namespaces))
            {
                _namespacesByOriginal[original] = namespaces = new HashSet<string>(StringComparer.Ordinal);
            }

            namespaces.Add(resource.Id.EffectiveNamespace);
        }
    }

    public void Fix()
    {
        if (_byPreviousName.Count == 0)
        {
            return;
        }

        foreach (var resource in _set.All)
        {
            var fields = FieldsOf(resource.OriginalId.Gvk);
            if (fields.Length == 0)
            {
                continue;
            }

            _referrer = new Referrer(resource);
            foreach (var field in fields)
            {
                field.Apply(resource);
            }
        }
    }

    // One kind has dozens of such fields, and there are many resources of a kind: the walks serve all of them.
    private FieldWalk[] FieldsOf(Gvk kind)
    {
        if (!_fieldsOfKind.TryGetValue(kind, out var fields))
        {
            _fieldsOfKind[kind] = fields = [.. _references.SelectMany(r => r.Referrers.Where(f => kind.IsSelectedBy(f.Gvk)).Select(f => Walk(r.Target, f)))];
        }

        return fields;
    }

    private FieldWalk Walk(Gvk target, FieldSpec field) => new(field with { Gvk = Gvk.Any, Create = false }, node => Set(node, _referrer, target, field.Path));

    private YamlNode Set(YamlNode node, Referrer referrer, Gvk target, string path) => node switch
    {
        { IsNull: true } => node,
        YamlScalar scalar => Name(scalar, referrer, target, path),
        YamlMap map => Object(map, referrer, target, path),
        YamlList list => List(list, referrer, target, path),
        _ => node,
    };

    private YamlList List(YamlList list, Referrer referrer, Gvk target, string path)
    {
        YamlNode[]? items = null;
        for (var i = 0; i < list.Count; i++)
        {
            var changed = list[i] is YamlList
                ? throw new KustomizeException("a reference is expected to be either a string or a map, found a list in a list")
                : Set(list[i], referrer, target, path);
            if (!ReferenceEquals(changed, list[i]))
            {
                (items ??= list.AsSpan().ToArray())[i] = changed;
            }
        }

        return items is null ? list : new YamlList(items, list.Position);
    }

    private YamlScalar Name(YamlScalar scalar, Referrer referrer, Gvk target, string path)
    {
        var name = scalar.Source;
        var found = Select(name, referrer, target, path, _ => true, withNamespace: false);
        return found is null || found.Name == name ? scalar : ScalarNodes.Untagged(found.Name, scalar);
    }

    private YamlMap Object(YamlMap map, Referrer referrer, Gvk target, string path)
    {
        var nameNode = map["name"] ?? throw new KustomizeException("path config error; no 'name' field in node");
        var name = ScalarNodes.Source(nameNode);
        var filter = map["namespace"] is { } value ? InNamespace(ScalarNodes.Source(value), referrer) : _ => true;
        var found = Select(name, referrer, target, path, filter, withNamespace: true);
        if (found is null || (found.Name == name && found.Namespace.Length == 0))
        {
            return map;
        }

        var changed = found.Name == name ? map : map.With("name", ScalarNodes.Untagged(found.Name, nameNode));
        return found.Namespace.Length == 0 || ScalarNodes.Source(map["namespace"]) == found.Namespace
            ? changed
            : changed.With("namespace", ScalarNodes.Untagged(found.Namespace, map["namespace"]));
    }

    // The namespace a reference names may be one that resources were in at first, or are in now.
    private Predicate<Resource> InNamespace(string value, Referrer referrer)
    {
        var original = _namespacesByOriginal.TryGetValue(value, out var now) && (referrer.SeesAll || now.Any(referrer.SeesNamespace));
        return original ? r => r.OriginalId.EffectiveNamespace == value : r => r.Id.EffectiveNamespace == value;
    }

    private Resource? Select(string name, Referrer referrer, Gvk target, string path, Predicate<Resource> filter, bool withNamespace)
    {
        if (!_byPreviousName.TryGetValue(name, out var named))
        {
            return null;
        }

        var role = path.EndsWith("roleRef/name", StringComparison.Ordinal) ? referrer.RoleRef : null;
        var found = named.FindAll(r => referrer.Sees(r) && filter(r) && WasOfKind(r, target) && (role is null || WasOfKind(r, role.Value)) && referrer.MayMean(r));
        if (found.Count == 1)
        {
            return found[0];
        }

        found = found.FindAll(r => SameAffixes(r, referrer.Resource, allowEmpty: true));
        if (found.Count > 1)
        {
            found = found.FindAll(r => SameAffixes(r, referrer.Resource, allowEmpty: false));
        }

        if (found.Count <= 1)
        {
            return found.FirstOrDefault();
        }

        return found.TrueForAll(r => r.Name == found[0].Name && (!withNamespace || r.Namespace == found[0].Namespace))
            ? found[0]
            : throw new KustomizeException(
                $"updating name reference in '{path}' field of '{referrer.Resource.Id}': found multiple possible referrals: "
                + string.Join(", ", found.Select(r => $"{r.Id} ({r.File}:{r.Line})")));
    }

    private static bool WasOfKind(Resource resource, Gvk selector)
    {
        for (var i = 0; i < resource.PreviousCount; i++)
        {
            if (resource.Previous(i).Gvk.IsSelectedBy(selector))
            {
                return true;
            }
        }

        return false;
    }

    private static bool SameAffixes(Resource resource, Resource referrer, bool allowEmpty) =>
        SameEnd(resource.Prefixes, referrer.Prefixes, allowEmpty) && SameEnd(resource.Suffixes, referrer.Suffixes, allowEmpty);

    private static bool SameEnd(IReadOnlyList<string> left, IReadOnlyList<string> right, bool allowEmpty)
    {
        if (left.Count == 0 || right.Count == 0)
        {
            return allowEmpty || left.Count == right.Count;
        }

        var (shorter, longer) = left.Count < right.Count ? (left, right) : (right, left);
        return longer.Skip(longer.Count - shorter.Count).SequenceEqual(shorter);
    }
}
