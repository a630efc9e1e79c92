using System.Diagnostics.Metrics;

namespace Capstan.Reconcile;

/// <summary>Counters of one loop, on the meter <c>Capstan.Reconcile</c>.</summary>
internal sealed class ReconcileMetrics : IDisposable
{
    public const string MeterName = "Capstan.Reconcile";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _count;
    private readonly Histogram<double> _duration;
    private readonly string _loop;

    public ReconcileMetrics(string loop, Func<int> depth)
    {
        _loop = loop;
        _count = _meter.CreateCounter<long>("capstan_reconcile_total", description: "Reconciliations by how they ended.");
        _duration = _meter.CreateHistogram<double>("capstan_reconcile_duration_seconds", "s", "How long reconciliations took.");
        _meter.CreateObservableGauge(
            "capstan_reconcile_queue_depth",
            () => new Measurement<int>(depth(), new KeyValuePair<string, object?>("loop", loop)),
            description: "Keys that are ready and wait for a worker.");
    }

    public void Count(Outcome outcome, TimeSpan took)
    {
        var loop = new KeyValuePair<string, object?>("loop", _loop);
        _count.Add(1, loop, new KeyValuePair<string, object?>("outcome", Name(outcome)));
        _duration.Record(took.TotalSeconds, loop);
    }

    public void Dispose() => _meter.Dispose();

    private static string Name(Outcome outcome) => outcome switch
    {
        Outcome.Succeeded => "succeeded",
        Outcome.Waiting => "waiting",
        Outcome.Stalled => "stalled",
        _ => "failed",
    };
}
