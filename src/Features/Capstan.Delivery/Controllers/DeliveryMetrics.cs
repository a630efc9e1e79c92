using System.Diagnostics.Metrics;
using Capstan.Delivery.Applications;

namespace Capstan.Delivery.Controllers;

/// <summary>
/// What an engine did since it began, on the meter <c>Capstan.Delivery</c>: how often it really rendered and compared, and what it wrote.
/// What was answered from memory does not count.
/// </summary>
public sealed class DeliveryMetrics : IDisposable
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Capstan.Delivery";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _comparisonCounter;
    private readonly Counter<long> _syncCounter;
    private readonly Counter<long> _writeCounter;
    private long _comparisons;
    private long _syncs;
    private long _writes;

    internal DeliveryMetrics(Func<long> renderings)
    {
        _meter.CreateObservableCounter("capstan_renderings_total", renderings, description: "Sources that were really rendered.");
        _comparisonCounter = _meter.CreateCounter<long>("capstan_comparisons_total", description: "Objects that were really compared with the cluster.");
        _syncCounter = _meter.CreateCounter<long>("capstan_syncs_total", description: "Sync operations by how they ended.");
        _writeCounter = _meter.CreateCounter<long>("capstan_object_writes_total", description: "Objects that syncs applied or deleted.");
    }

    /// <summary>Objects that were compared with the cluster.</summary>
    public long Comparisons => Interlocked.Read(ref _comparisons);

    /// <summary>Sync operations that ended.</summary>
    public long Syncs => Interlocked.Read(ref _syncs);

    /// <summary>Objects that syncs applied or deleted.</summary>
    public long Writes => Interlocked.Read(ref _writes);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void Compared()
    {
        Interlocked.Increment(ref _comparisons);
        _comparisonCounter.Add(1);
    }

    internal void Synced(OperationPhase phase)
    {
        Interlocked.Increment(ref _syncs);
        _syncCounter.Add(1, new KeyValuePair<string, object?>("phase", phase.ToString()));
    }

    internal void Wrote(int objects)
    {
        Interlocked.Add(ref _writes, objects);
        _writeCounter.Add(objects);
    }
}
