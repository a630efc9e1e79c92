using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Capstan.Server.Metrics;

/// <summary>Where traces and metrics are sent to: a receiver of OpenTelemetry's protocol (OTLP).</summary>
/// <param name="Endpoint">Its address.</param>
/// <param name="OverGrpc">Whether it speaks gRPC; otherwise HTTP with protobuf, and the paths <c>/v1/traces</c> and <c>/v1/metrics</c> are added.</param>
public sealed record TelemetryOptions(Uri Endpoint, bool OverGrpc = false)
{
    /// <summary>What the usual variables of the environment say; null without <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>.</summary>
    /// <exception cref="FormatException">The address is none.</exception>
    public static TelemetryOptions? Of(Func<string, string?> environment)
    {
        if (environment("OTEL_EXPORTER_OTLP_ENDPOINT") is not { Length: > 0 } text || environment("OTEL_SDK_DISABLED") is "true") return null;
        return Uri.TryCreate(text, UriKind.Absolute, out var endpoint) && endpoint.Scheme is "http" or "https"
            ? new TelemetryOptions(endpoint, environment("OTEL_EXPORTER_OTLP_PROTOCOL") is "grpc")
            : throw new FormatException($"OTEL_EXPORTER_OTLP_ENDPOINT {text}: is no http or https address");
    }
}

/// <summary>Sends the traces and metrics of this process to a receiver. Without one nothing listens, and nothing is made. Headers, sampling and intervals follow
/// OpenTelemetry's own variables.</summary>
internal sealed class TelemetryExport : IDisposable
{
    private const string Service = "capstan";
    private readonly TracerProvider _traces;
    private readonly MeterProvider _metrics;

    private TelemetryExport(TracerProvider traces, MeterProvider metrics) => (_traces, _metrics) = (traces, metrics);

    /// <summary>Begins to send.</summary>
    public static TelemetryExport Start(TelemetryOptions options, string version)
    {
        var resource = ResourceBuilder.CreateEmpty().AddService(Service, serviceVersion: version).AddTelemetrySdk().AddEnvironmentVariableDetector();
        var traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource("Microsoft.AspNetCore", "Capstan.GitHost", "Capstan.Delivery").AddOtlpExporter(o => Set(o, options, "v1/traces")).Build();
        var metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter("Capstan*").AddOtlpExporter(o => Set(o, options, "v1/metrics")).Build();
        return new TelemetryExport(traces, metrics);
    }

    /// <summary>Sends what is left.</summary>
    public void Dispose()
    {
        _traces.Dispose();
        _metrics.Dispose();
    }

    private static void Set(OtlpExporterOptions exporter, TelemetryOptions options, string path)
    {
        exporter.Protocol = options.OverGrpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = options.OverGrpc ? options.Endpoint : new Uri(options.Endpoint.ToString().TrimEnd('/') + "/" + path);
    }
}
