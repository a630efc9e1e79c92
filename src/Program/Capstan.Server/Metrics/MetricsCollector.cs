using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Capstan.Server.Metrics;

/// <summary>Collects what Capstan's own meters tell and writes it in Prometheus' text form.</summary>
internal sealed class MetricsCollector : IDisposable
{
    private const string Ours = "Capstan";

    /// <summary>A label that takes any value must not fill the memory.</summary>
    private const int MostSeries = 10_000;

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<(string Name, string Labels), Series> _series = new();
    private readonly ConcurrentDictionary<string, Instrument> _instruments = new(StringComparer.Ordinal);

    public MetricsCollector()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!instrument.Meter.Name.StartsWith(Ours, StringComparison.Ordinal)) return;
            _instruments[instrument.Name] = instrument;
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>All that was told up to now.</summary>
    public void WriteTo(StringBuilder text)
    {
        _listener.RecordObservableInstruments();
        foreach (var group in _series.GroupBy(s => s.Key.Name, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            if (!_instruments.TryGetValue(group.Key, out var instrument)) continue;
            text.Append(CultureInfo.InvariantCulture, $"# HELP {group.Key} {Escape(instrument.Description ?? "")}\n# TYPE {group.Key} {TypeOf(instrument)}\n");
            foreach (var (key, series) in group.OrderBy(s => s.Key.Labels, StringComparer.Ordinal)) series.WriteTo(text, key.Name, key.Labels);
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = (instrument.Name, Labels(tags));
        if (!_series.TryGetValue(key, out var series))
        {
            if (_series.Count >= MostSeries) return;
            series = _series.GetOrAdd(key, _ => TypeOf(instrument) == "histogram" ? new Series(Distribution: true) : new Series(Distribution: false));
        }
        series.Take(value, adds: !instrument.IsObservable && instrument is not (Gauge<long> or Gauge<int> or Gauge<double>));
    }

    private static string TypeOf(Instrument instrument) => instrument switch
    {
        Counter<long> or Counter<int> or Counter<double> or ObservableCounter<long> or ObservableCounter<int> or ObservableCounter<double> => "counter",
        Histogram<long> or Histogram<int> or Histogram<double> => "histogram",
        _ => "gauge",
    };

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var parts = new List<string>(tags.Length);
        foreach (var (name, value) in tags) parts.Add($"{name}=\"{Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "").Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
        parts.Sort(StringComparer.Ordinal);
        return string.Join(',', parts);
    }

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private sealed record Series(bool Distribution)
    {
        private static readonly double[] Bounds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
        private readonly Lock _lock = new();
        private readonly long[] _buckets = new long[Bounds.Length + 1];
        private double _sum;

        public void Take(double value, bool adds)
        {
            lock (_lock)
            {
                _sum = adds ? _sum + value : value;
                if (!Distribution) return;
                var at = Array.FindIndex(Bounds, b => value <= b);
                _buckets[at < 0 ? Bounds.Length : at]++;
            }
        }

        public void WriteTo(StringBuilder text, string name, string labels)
        {
            lock (_lock)
            {
                if (!Distribution)
                {
                    text.Append(CultureInfo.InvariantCulture, $"{name}{Braces(labels)} {_sum}\n");
                    return;
                }
                long total = 0;
                for (var i = 0; i <= Bounds.Length; i++)
                {
                    total += _buckets[i];
                    var bound = i == Bounds.Length ? "+Inf" : Bounds[i].ToString(CultureInfo.InvariantCulture);
                    text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{Braces(labels + (labels.Length > 0 ? "," : "") + $"le=\"{bound}\"")} {total}\n");
                }
                text.Append(CultureInfo.InvariantCulture, $"{name}_sum{Braces(labels)} {_sum}\n{name}_count{Braces(labels)} {total}\n");
            }
        }

        private static string Braces(string labels) => labels.Length == 0 ? "" : $"{{{labels}}}";
    }
}
