using Capstan.Delivery.Applications;
using Capstan.Resources;

namespace Capstan.Delivery.Tracking;

/// <summary>Which Applications want which objects. An object wanted by two belongs to one of them, always the same. Safe for several threads.</summary>
internal sealed class Claims
{
    private static readonly IReadOnlySet<(string, ObjectKey)> None = new HashSet<(string, ObjectKey)>();

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Cluster, ObjectKey Key), List<ApplicationKey>> _byObject = [];
    private readonly Dictionary<ApplicationKey, IReadOnlySet<(string, ObjectKey)>> _byApplication = [];

    /// <summary>Sets what an Application wants.</summary>
    /// <returns>The other Applications that want one of what was added or given up: they have to look again.</returns>
    public IReadOnlyCollection<ApplicationKey> Set(ApplicationKey application, string cluster, IEnumerable<ObjectKey> objects)
    {
        var wanted = objects.Select(o => (cluster, o)).ToHashSet();
        var affected = new HashSet<ApplicationKey>();
        lock (_gate)
        {
            var before = _byApplication.GetValueOrDefault(application) ?? None;
            foreach (var item in before.Where(b => !wanted.Contains(b)))
            {
                Withdraw(application, item, affected);
            }

            foreach (var item in wanted.Where(w => !before.Contains(w)))
            {
                if (!_byObject.TryGetValue(item, out var claimants))
                {
                    _byObject[item] = claimants = new List<ApplicationKey>(1);
                }

                affected.UnionWith(claimants);
                claimants.Add(application);
            }

            _byApplication[application] = wanted;
        }

        return affected;
    }

    /// <summary>Forgets an Application.</summary>
    public IReadOnlyCollection<ApplicationKey> Remove(ApplicationKey application)
    {
        var affected = Set(application, "", []);
        lock (_gate)
        {
            _byApplication.Remove(application);
        }

        return affected;
    }

    /// <summary>Who wants an object, in a stable order.</summary>
    public IReadOnlyList<ApplicationKey> Of(string cluster, ObjectKey key)
    {
        lock (_gate)
        {
            return _byObject.TryGetValue((cluster, key), out var claimants)
                ? claimants.Count == 1 ? [claimants[0]] : [.. claimants.OrderBy(c => c.ToString(), StringComparer.Ordinal)]
                : [];
        }
    }

    /// <summary>
    /// Whose an object is among those who want it: who has it already keeps it, else the first by name. So it never goes to and fro.
    /// </summary>
    public static ApplicationKey Owner(IReadOnlyList<ApplicationKey> claimants, string? liveInstance, Func<ApplicationKey, string> instanceOf)
    {
        foreach (var claimant in claimants)
        {
            if (liveInstance is not null && instanceOf(claimant) == liveInstance)
            {
                return claimant;
            }
        }

        return claimants[0];
    }

    private void Withdraw(ApplicationKey application, (string, ObjectKey) item, HashSet<ApplicationKey> affected)
    {
        if (_byObject.TryGetValue(item, out var claimants))
        {
            claimants.Remove(application);
            affected.UnionWith(claimants);
            if (claimants.Count == 0)
            {
                _byObject.Remove(item);
            }
        }
    }
}
