namespace Capstan.Sources.Webhooks;

/// <summary>The last deliveries, so that a recorded one sent again does nothing. Bounded: only genuine deliveries come in here.</summary>
internal sealed class SeenDeliveries
{
    private const int Remembered = 10_000;
    private readonly Lock _lock = new();
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    /// <summary>Remembers a delivery; false when it is known already.</summary>
    public bool Add(string delivery)
    {
        lock (_lock)
        {
            if (!_known.Add(delivery))
            {
                return false;
            }

            _order.Enqueue(delivery);
            if (_order.Count > Remembered)
            {
                _known.Remove(_order.Dequeue());
            }

            return true;
        }
    }
}
