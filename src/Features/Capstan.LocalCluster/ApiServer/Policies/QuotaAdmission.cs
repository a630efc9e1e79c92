using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.ApiServer.Operations;
using Capstan.LocalCluster.Storage;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Policies;

/// <summary>
/// Refuses new objects that would go beyond a quota of their namespace. Usage is counted when it is asked; objects that are created at the
/// very same moment may together go beyond it by their number.
/// </summary>
internal static class QuotaAdmission
{
    // A quota on one of these wants every pod to say how much it needs.
    private static readonly string[] MustBeSaid = ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];

    public static void Check(Target target, YamlMap tree, ObjectStore store)
    {
        if (!target.Resource.Namespaced || target.Subresource.Length > 0)
        {
            return;
        }

        foreach (var quota in store.Snapshot("resourcequotas").Table.In(target.Namespace).Select(q => q.Tree))
        {
            var qualified = target.Resource.Qualified;
            if (QuotaUsage.InScope(quota, qualified, tree))
            {
                CheckOne(target, tree, quota, QuotaUsage.Of(qualified, tree), store);
            }
        }
    }

    private static void CheckOne(Target target, YamlMap tree, YamlMap quota, Dictionary<string, decimal> wanted, ObjectStore store)
    {
        var hard = quota.MapAt("spec", "hard");
        var (name, about) = (tree.Text("metadata", "name"), quota.Text("metadata", "name"));
        if (target.Resource.Qualified == "pods")
        {
            var missing = MustBeSaid.Where(r => hard.ContainsKey(r) && !wanted.ContainsKey(r)).Order(StringComparer.Ordinal).ToList();
            if (missing.Count > 0)
            {
                throw ApiErrors.Forbidden(target.Resource, name, $"failed quota: {about}: must specify {string.Join(',', missing)}");
            }
        }

        var concerned = wanted.Where(w => w.Value > 0 && hard.ContainsKey(w.Key)).ToList();
        if (concerned.Count == 0)
        {
            return;
        }

        var used = Used(quota, target.Resource.StoreName, target.Resource.Qualified, target.Namespace, store);
        var exceeded = concerned.Where(w => used.GetValueOrDefault(w.Key) + w.Value > Limit(hard, w.Key)).OrderBy(w => w.Key, StringComparer.Ordinal).ToList();
        if (exceeded.Count > 0)
        {
            string Show(Func<string, decimal> value) => string.Join(',', exceeded.Select(e => $"{e.Key}={Quantities.Show(value(e.Key))}"));
            throw ApiErrors.Forbidden(target.Resource, name,
                $"exceeded quota: {about}, requested: {Show(k => wanted[k])}, used: {Show(k => used.GetValueOrDefault(k))}, limited: {Show(k => Limit(hard, k))}");
        }
    }

    private static Dictionary<string, decimal> Used(YamlMap quota, string stored, string qualified, string space, ObjectStore store)
    {
        var used = new Dictionary<string, decimal>(StringComparer.Ordinal);
        foreach (var item in store.Snapshot(stored).Table.In(space).Select(i => i.Tree).Where(t => QuotaUsage.InScope(quota, qualified, t)))
        {
            foreach (var (name, amount) in QuotaUsage.Of(qualified, item))
            {
                used[name] = used.GetValueOrDefault(name) + amount;
            }
        }

        return used;
    }

    private static decimal Limit(YamlMap hard, string name) => hard[name] is YamlScalar scalar && Quantities.TryParse(scalar.Text, out var limit) ? limit : decimal.MaxValue;
}
