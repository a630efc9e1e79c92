using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace Capstan.Server.Tests;

/// <summary>A span as it came.</summary>
internal sealed record ReceivedSpan(string Trace, string Id, string Parent, string Name, string Text);

/// <summary>Receives traces and metrics of OpenTelemetry's protocol over HTTP, and reads of protobuf what a test asks about.</summary>
internal sealed class OtlpReceiver : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<ReceivedSpan> _spans = new();
    private readonly ConcurrentQueue<string> _metrics = new();
    private readonly Task _serving;

    public OtlpReceiver()
    {
        using (var free = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Address = new Uri($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/");
        }

        _listener.Prefixes.Add(Address.ToString());
        _listener.Start();
        _serving = ServeAsync();
    }

    public Uri Address { get; }

    public IReadOnlyList<ReceivedSpan> Spans => [.. _spans];

    /// <summary>What was sent of metrics, as text with all that is none left out.</summary>
    public IReadOnlyList<string> Metrics => [.. _metrics];

    public async Task UntilAsync(Func<IReadOnlyList<ReceivedSpan>, bool> reached)
    {
        var deadline = TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(60);
        while (!reached(Spans))
        {
            Assert.True(TimeProvider.System.GetUtcNow() < deadline, $"did not come in time; there are {string.Join(", ", Spans.Select(s => s.Name).Distinct())}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    public void Dispose()
    {
        _listener.Close();
        GC.KeepAlive(_serving);
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var call = await _listener.GetContextAsync();
                using var body = new MemoryStream();
                await call.Request.InputStream.CopyToAsync(body);
                Take(call.Request.Url!.AbsolutePath, body.ToArray());
                call.Response.ContentType = "application/x-protobuf";
                call.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private void Take(string path, byte[] body)
    {
        if (path.EndsWith("/v1/metrics", StringComparison.Ordinal)) _metrics.Enqueue(Encoding.Latin1.GetString(body));
        if (!path.EndsWith("/v1/traces", StringComparison.Ordinal)) return;
        // ExportTraceServiceRequest.resource_spans(1) . scope_spans(2) . spans(2): trace_id(1) span_id(2) parent_span_id(4) name(5)
        foreach (var span in Fields(body).Where(f => f.Number == 1).SelectMany(r => Fields(r.Bytes)).Where(f => f.Number == 2).SelectMany(s => Fields(s.Bytes)).Where(f => f.Number == 2))
        {
            var fields = Fields(span.Bytes).Where(f => f.Number is 1 or 2 or 4 or 5).GroupBy(f => f.Number).ToDictionary(g => g.Key, g => g.First().Bytes);
            string Hex(int number) => fields.TryGetValue(number, out var bytes) ? Convert.ToHexString(bytes) : "";
            _spans.Enqueue(new ReceivedSpan(Hex(1), Hex(2), Hex(4), Encoding.UTF8.GetString(fields[5]), Encoding.Latin1.GetString(span.Bytes)));
        }
    }

    private static List<(int Number, byte[] Bytes)> Fields(byte[] message)
    {
        var found = new List<(int, byte[])>();
        for (var at = 0; at < message.Length;)
        {
            var key = Varint(message, ref at);
            switch (key & 7)
            {
                case 0:
                    Varint(message, ref at);
                    break;
                case 1:
                    at += 8;
                    break;
                case 5:
                    at += 4;
                    break;
                default:
                    var length = (int)Varint(message, ref at);
                    found.Add(((int)(key >> 3), message[at..(at + length)]));
                    at += length;
                    break;
            }
        }

        return found;
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        var (value, shift) = (0UL, 0);
        while (true)
        {
            var next = message[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) return value;
            shift += 7;
        }
    }
}
