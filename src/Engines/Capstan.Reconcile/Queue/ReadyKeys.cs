using System.Diagnostics.CodeAnalysis;

namespace Capstan.Reconcile;

/// <summary>
/// The keys that are ready, in the order in which they are taken: urgent ones, then one of each share in turn. Not safe for several threads.
/// </summary>
/// <param name="share">Whose share of the work a key is.</param>
internal sealed class ReadyKeys<TKey>(Func<TKey, string> share)
    where TKey : notnull
{
    // However much is urgent, the rest comes to its turn too.
    private const int MostUrgentInARow = 16;

    private readonly Dictionary<TKey, bool> _waiting = [];
    private readonly Queue<TKey> _urgent = new();
    private readonly Dictionary<string, Queue<TKey>> _shares = new(StringComparer.Ordinal);
    private readonly Queue<string> _turns = new();
    private int _urgentInARow;

    public int Count => _waiting.Count;

    public bool Contains(TKey key) => _waiting.ContainsKey(key);

    /// <summary>Adds a key, or makes one that waits urgent.</summary>
    /// <returns>Whether it was not there before.</returns>
    public bool Add(TKey key, bool urgent)
    {
        var isNew = !_waiting.TryGetValue(key, out var known);
        if (!isNew && (known || !urgent))
        {
            return false;
        }

        // Made urgent, it keeps an entry in its share as well, which is passed over.
        _waiting[key] = urgent;
        if (urgent)
        {
            _urgent.Enqueue(key);
        }
        else
        {
            Append(share(key), key);
        }

        return isNew;
    }

    /// <summary>Takes the key whose turn it is.</summary>
    public bool TryTake([MaybeNullWhen(false)] out TKey key)
    {
        var others = _urgentInARow >= MostUrgentInARow;
        var found = (others && TryTakeShared(out key)) || TryTakeUrgent(out key) || TryTakeShared(out key);
        return found;
    }

    private bool TryTakeUrgent([MaybeNullWhen(false)] out TKey key)
    {
        while (_urgent.TryDequeue(out key))
        {
            if (_waiting.Remove(key))
            {
                _urgentInARow++;
                return true;
            }
        }

        return false;
    }

    private bool TryTakeShared([MaybeNullWhen(false)] out TKey key)
    {
        _urgentInARow = 0;
        while (_turns.TryDequeue(out var name))
        {
            var keys = _shares[name];
            key = keys.Dequeue();
            if (keys.Count == 0)
            {
                _shares.Remove(name);
            }
            else
            {
                _turns.Enqueue(name);
            }

            if (_waiting.TryGetValue(key, out var urgent) && !urgent)
            {
                _waiting.Remove(key);
                return true;
            }
        }

        key = default;
        return false;
    }

    private void Append(string name, TKey key)
    {
        if (!_shares.TryGetValue(name, out var keys))
        {
            _shares[name] = keys = new Queue<TKey>();
            _turns.Enqueue(name);
        }

        keys.Enqueue(key);
    }
}
