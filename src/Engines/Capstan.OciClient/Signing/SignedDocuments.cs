using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Capstan.Oci.Content;
using Capstan.Oci.References;

namespace Capstan.OciClient.Signing;

/// <summary>The documents that are signed: cosign's statement about an image, and in-toto's about its provenance.</summary>
internal static class SignedDocuments
{
    public const string InTotoType = "application/vnd.in-toto+json";
    private const string StatementType = "https://in-toto.io/Statement/v1";
    private const string SignatureType = "cosign container image signature";

    public static byte[] Signature(ImageReference repository, Digest digest) => Write(w =>
    {
        w.WriteStartObject("critical");
        w.WriteStartObject("identity");
        w.WriteString("docker-reference", $"{repository.Registry}/{repository.Name}");
        w.WriteEndObject();
        w.WriteStartObject("image");
        w.WriteString("docker-manifest-digest", digest.ToString());
        w.WriteEndObject();
        w.WriteString("type", SignatureType);
        w.WriteEndObject();
        w.WriteNull("optional");
    });

    /// <summary>Whether a signed statement is about an image.</summary>
    public static bool IsAbout(byte[] payload, Digest digest)
    {
        try
        {
            using var document = JsonDocument.Parse(payload);
            var critical = document.RootElement.GetProperty("critical");
            return critical.GetProperty("type").GetString() == SignatureType && critical.GetProperty("image").GetProperty("docker-manifest-digest").GetString() == digest.ToString();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return false;
        }
    }

    public static byte[] Statement(ImageReference repository, Digest digest, Provenance provenance) => Write(w =>
    {
        w.WriteString("_type", StatementType);
        w.WriteStartArray("subject");
        w.WriteStartObject();
        w.WriteString("name", $"{repository.Registry}/{repository.Name}");
        w.WriteStartObject("digest");
        w.WriteString(digest.AlgorithmName, digest.Hex);
        w.WriteEndObject();
        w.WriteEndObject();
        w.WriteEndArray();
        w.WriteString("predicateType", Provenance.PredicateType);
        w.WriteStartObject("predicate");
        WriteDefinition(w, provenance);
        w.WriteStartObject("runDetails");
        w.WriteStartObject("builder");
        w.WriteString("id", provenance.Builder);
        w.WriteEndObject();
        w.WriteStartObject("metadata");
        w.WriteString("invocationId", provenance.Run);
        if (provenance.StartedAt is { } started) w.WriteString("startedOn", Time(started));
        if (provenance.FinishedAt is { } finished) w.WriteString("finishedOn", Time(finished));
        w.WriteEndObject();
        w.WriteEndObject();
        w.WriteEndObject();
    });

    /// <summary>Reads a statement; null when it is not one about this image's provenance.</summary>
    public static Provenance? ReadStatement(byte[] statement, Digest digest)
    {
        try
        {
            using var document = JsonDocument.Parse(statement);
            var root = document.RootElement;
            if (root.GetProperty("_type").GetString() != StatementType || root.GetProperty("predicateType").GetString() != Provenance.PredicateType
                || !root.GetProperty("subject").EnumerateArray().Any(s => s.GetProperty("digest").TryGetProperty(digest.AlgorithmName, out var hex) && hex.GetString() == digest.Hex))
            {
                return null;
            }

            var definition = root.GetProperty("predicate").GetProperty("buildDefinition");
            var workflow = definition.GetProperty("externalParameters").GetProperty("workflow");
            var details = root.GetProperty("predicate").GetProperty("runDetails");
            var metadata = details.GetProperty("metadata");
            return new Provenance(Text(workflow, "repository") ?? "", Text(definition.GetProperty("resolvedDependencies")[0].GetProperty("digest"), "gitCommit") ?? "",
                Text(workflow, "path") ?? "", Text(metadata, "invocationId") ?? "", Text(details.GetProperty("builder"), "id") ?? "")
            {
                Reference = Text(workflow, "ref"),
                StartedAt = Text(metadata, "startedOn") is { } started ? DateTimeOffset.Parse(started, CultureInfo.InvariantCulture) : null,
                FinishedAt = Text(metadata, "finishedOn") is { } finished ? DateTimeOffset.Parse(finished, CultureInfo.InvariantCulture) : null,
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>A DSSE envelope (https://github.com/secure-systems-lab/dsse).</summary>
    public static byte[] Envelope(byte[] payload, string signature) => Write(w =>
    {
        w.WriteString("payloadType", InTotoType);
        w.WriteBase64String("payload", payload);
        w.WriteStartArray("signatures");
        w.WriteStartObject();
        w.WriteString("keyid", "");
        w.WriteString("sig", signature);
        w.WriteEndObject();
        w.WriteEndArray();
    });

    /// <summary>Reads an envelope; null when it is none.</summary>
    public static (byte[] Payload, IReadOnlyList<string> Signatures)? ReadEnvelope(byte[] envelope)
    {
        try
        {
            using var document = JsonDocument.Parse(envelope);
            return document.RootElement.GetProperty("payloadType").GetString() != InTotoType ? null
                : (document.RootElement.GetProperty("payload").GetBytesFromBase64(), [.. document.RootElement.GetProperty("signatures").EnumerateArray().Select(s => s.GetProperty("sig").GetString() ?? "")]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>What of an envelope is signed: its parts with their lengths, so that none can be moved into another.</summary>
    public static byte[] ToSign(byte[] payload) =>
        [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"DSSEv1 {InTotoType.Length} {InTotoType} {payload.Length} ")), .. payload];

    private static void WriteDefinition(Utf8JsonWriter w, Provenance provenance)
    {
        w.WriteStartObject("buildDefinition");
        w.WriteString("buildType", "https://actions.github.io/buildtypes/workflow/v1");
        w.WriteStartObject("externalParameters");
        w.WriteStartObject("workflow");
        if (provenance.Reference is { } reference) w.WriteString("ref", reference);
        w.WriteString("repository", provenance.Repository);
        w.WriteString("path", provenance.Workflow);
        w.WriteEndObject();
        w.WriteEndObject();
        w.WriteStartArray("resolvedDependencies");
        w.WriteStartObject();
        w.WriteString("uri", $"git+{provenance.Repository}{(provenance.Reference is { } at ? "@" + at : "")}");
        w.WriteStartObject("digest");
        w.WriteString("gitCommit", provenance.Commit);
        w.WriteEndObject();
        w.WriteEndObject();
        w.WriteEndArray();
        w.WriteEndObject();
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static byte[] Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
