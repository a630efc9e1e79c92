using Capstan.LocalCluster.Controllers.Accounts;
using Capstan.LocalCluster.Storage;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Controllers.Running;

/// <summary>One label in a namespace: what pods carry and Services select.</summary>
internal readonly record struct LabelPair(string Key, string Value);

/// <summary>
/// Pods by the labels that they carry, Services by one of those that they select, and Secrets with tokens by their account: so a change of a pod looks at the Services that may
/// select it, and a Service at the pods that it may select, not at all that a namespace has. Not safe for several threads at once.
/// </summary>
internal sealed class LabelIndex
{
    private readonly Dictionary<(string Kind, string Namespace, LabelPair Label), HashSet<StoreKey>> _keys = [];

    /// <summary>The labels by which an object is found: all of a pod's; of a Service the first that it selects, which all its
    /// pods carry; of a Secret the account whose token it holds.</summary>
    public static IReadOnlyList<LabelPair> Of(KubernetesObject subject, GroupKind kind)
    {
        if (kind == Kinds.Pod)
        {
            return [.. Pairs(subject.Labels)];
        }

        if (kind == Kinds.Secret)
        {
            return TokenSecretController.AccountOf(subject) is { } account ? [new LabelPair(TokenSecretController.AccountName, account)] : [];
        }

        return kind == Kinds.Service && subject.Spec["selector"] is YamlMap selector ? [.. Pairs(selector).Take(1)] : [];
    }

    /// <summary>Takes an object in.</summary>
    public void Add(StoreKey key, GroupKind kind, IReadOnlyList<LabelPair> labels)
    {
        foreach (var label in labels)
        {
            var at = (kind.Kind, key.Namespace, label);
            if (!_keys.TryGetValue(at, out var keys))
            {
                _keys[at] = keys = [];
            }

            keys.Add(key);
        }
    }

    /// <summary>Lets an object go, by the labels that it had when it was taken in.</summary>
    public void Remove(StoreKey key, GroupKind kind, IReadOnlyList<LabelPair> labels)
    {
        foreach (var label in labels)
        {
            var at = (kind.Kind, key.Namespace, label);
            if (_keys.TryGetValue(at, out var keys) && keys.Remove(key) && keys.Count == 0)
            {
                _keys.Remove(at);
            }
        }
    }

    /// <summary>The pods of a namespace that carry the rarest of some labels, of which there must be one: all that carry every label are among them.</summary>
    public IReadOnlyCollection<StoreKey> PodsWith(string ns, YamlMap labels) =>
        Pairs(labels).Select(label => At(Kinds.Pod, ns, label)).MinBy(keys => keys.Count) ?? [];

    /// <summary>The Services of a namespace that may select an object with these labels.</summary>
    public IEnumerable<StoreKey> ServicesFor(string ns, YamlMap labels) => Pairs(labels).SelectMany(label => At(Kinds.Service, ns, label));

    /// <summary>The Secrets that hold a token of an account.</summary>
    public IReadOnlyCollection<StoreKey> TokensOf(string ns, string account) => At(Kinds.Secret, ns, new LabelPair(TokenSecretController.AccountName, account));

    private static IEnumerable<LabelPair> Pairs(YamlMap labels) => labels.Select(l => new LabelPair(l.Key, l.Value.AsString() ?? ""));

    private HashSet<StoreKey> At(GroupKind kind, string ns, LabelPair label) =>
        _keys.TryGetValue((kind.Kind, ns, label), out var keys) ? keys : [];
}
