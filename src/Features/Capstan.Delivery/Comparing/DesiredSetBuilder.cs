using Capstan.Delivery.Sync;
using Capstan.Resources;

namespace Capstan.Delivery.Comparing;

/// <summary>Places rendered objects into a cluster: namespace, scope, and what marks them as belonging together.</summary>
/// <param name="kinds">What the cluster says of kinds.</param>
/// <param name="defaultNamespace">The namespace of objects that name none.</param>
/// <param name="mark">Marks an object as belonging to its owner.</param>
internal sealed class DesiredSetBuilder(KindLookup kinds, string defaultNamespace, Func<KubernetesObject, KubernetesObject> mark)
{
    private readonly Dictionary<ObjectKey, DesiredObject> _objects = [];
    private readonly List<string> _repeated = [];
    private readonly List<string> _problems = [];
    private readonly List<DesiredObject> _hooks = [];
    private readonly List<string> _warnings = [];

    public DesiredSet Build(IReadOnlyList<Manifest> manifests)
    {
        var defined = DefinedKinds(manifests);
        foreach (var manifest in manifests)
        {
            Add(manifest, defined);
        }

        var objects = _objects.Values.ToArray();
        Array.Sort(objects, (a, b) => SyncOrder.Compare(a.Key, b.Key));
        return new DesiredSet(objects, _repeated, _problems) { Hooks = _hooks, Warnings = _warnings };
    }

    private void Add(Manifest manifest, Dictionary<GroupKind, bool> defined)
    {
        var kind = kinds(manifest.Object.GroupVersionKind);
        var placed = manifest.Object;
        var namespaced = kind?.Namespaced ?? (defined.TryGetValue(placed.GroupKind, out var scope) ? scope : placed.Namespace.Length > 0);
        if (!namespaced)
        {
            placed = placed.Namespace.Length > 0 ? placed.Without("metadata", "namespace") : placed;
        }
        else if (placed.Namespace.Length == 0)
        {
            if (defaultNamespace.Length == 0)
            {
                _problems.Add($"{manifest.Origin}: {placed}: it names no namespace and the destination has none; set metadata.namespace or spec.destination.namespace");
                return;
            }

            placed = placed.WithNamespace(defaultNamespace);
        }

        var desired = new DesiredObject(mark(ServicePorts.WithProtocol(placed)), manifest.Origin, kind is not null);
        _warnings.AddRange(desired.Directives.Warnings.Select(w => $"{desired.Origin}: {placed}: {w}"));
        if (desired.Directives.IsHook)
        {
            AddHook(desired);
            return;
        }

        if (_objects.TryGetValue(desired.Key, out var first))
        {
            _repeated.Add(Repeated(desired.Key.ToString(), first.Origin, manifest.Origin));
        }

        _objects[desired.Key] = desired;
    }

    // Hooks that only have a prefix get their names from each operation.
    private void AddHook(DesiredObject hook)
    {
        var place = hook.Object.Name.Length == 0 ? -1 : _hooks.FindIndex(h => h.Key == hook.Key);
        if (place < 0)
        {
            _hooks.Add(hook);
            return;
        }

        _repeated.Add(Repeated($"hook {hook.Key}", _hooks[place].Origin, hook.Origin));
        _hooks[place] = hook;
    }

    private static string Repeated(string what, Origin first, Origin last) => (first.Repository, first.Commit) == (last.Repository, last.Commit)
        ? $"{what} is in the source twice, at {first} and {last}; the last one counts. Remove one of them"
        : $"{what} is in two sources, at {first} of {first.Repository} and {last} of {last.Repository}; the later source counts. Remove one of them";

    // A kind whose definition comes with the same source is known before the cluster serves it.
    private static Dictionary<GroupKind, bool> DefinedKinds(IReadOnlyList<Manifest> manifests)
    {
        var defined = new Dictionary<GroupKind, bool>();
        foreach (var manifest in manifests)
        {
            if (manifest.Object.GroupKind == new GroupKind("apiextensions.k8s.io", "CustomResourceDefinition")
                && manifest.Object.Spec["group"]?.AsString() is { } group
                && manifest.Object.Spec.At("names", "kind")?.AsString() is { } kind)
            {
                defined[new GroupKind(group, kind)] = manifest.Object.Spec["scope"]?.AsString() != "Cluster";
            }
        }

        return defined;
    }
}
