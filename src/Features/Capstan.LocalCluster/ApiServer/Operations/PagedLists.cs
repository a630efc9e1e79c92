using Capstan.LocalCluster.Storage;

namespace Capstan.LocalCluster.ApiServer.Operations;

/// <summary>The moments that lists in progress show. Tables are immutable, so keeping one costs only what changed since.</summary>
internal sealed class PagedLists(TimeProvider time)
{
    private const int Most = 64;
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Resource, long Revision), (ResourceTable Table, DateTimeOffset Until)> _kept = [];

    public void Keep(string resource, long revision, ResourceTable table)
    {
        lock (_gate)
        {
            DropOld();
            if (_kept.Count >= Most && !_kept.ContainsKey((resource, revision)))
            {
                _kept.Remove(_kept.MinBy(k => k.Value.Until).Key);
            }

            _kept[(resource, revision)] = (table, time.GetUtcNow() + Lifetime);
        }
    }

    public ResourceTable? Find(string resource, long revision)
    {
        lock (_gate)
        {
            DropOld();
            return _kept.TryGetValue((resource, revision), out var kept) ? kept.Table : null;
        }
    }

    private void DropOld()
    {
        var now = time.GetUtcNow();
        foreach (var old in _kept.Where(k => k.Value.Until < now).Select(k => k.Key).ToList())
        {
            _kept.Remove(old);
        }
    }
}
