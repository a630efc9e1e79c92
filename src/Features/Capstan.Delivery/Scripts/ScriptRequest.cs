using Capstan.Yaml;

namespace Capstan.Delivery.Scripts;

/// <summary>One script to run over one object.</summary>
/// <param name="Script">The script, in Lua. It finds the object as <c>obj</c> and returns its answer.</param>
/// <param name="Object">The object.</param>
/// <param name="OpenLibraries">Accepted as Argo CD has it: strings, tables and numbers are there always; files, programs and loading of code never.</param>
internal sealed record ScriptRequest(string Script, YamlMap Object, bool OpenLibraries = false)
{
    /// <summary>What <c>actionParams</c> holds.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    public byte[] Write() => JsonText.WriteBytes(YamlMap.Of(
        ("script", Script), ("object", Object), ("parameters", YamlMap.Of([.. Parameters.Select(p => (p.Key, (YamlNode)p.Value))]))));

    public static ScriptRequest Read(ReadOnlySpan<byte> json)
    {
        var map = (YamlMap)JsonText.Read(json);
        return new ScriptRequest(map["script"]?.AsString() ?? "", map["object"] as YamlMap ?? YamlMap.Empty)
        {
            Parameters = (map["parameters"] as YamlMap ?? YamlMap.Empty).ToDictionary(p => p.Key, p => p.Value.AsString() ?? "", StringComparer.Ordinal),
        };
    }
}

/// <summary>What a script returned, or why it did not.</summary>
/// <param name="Value">What it returned; null for nothing, and where there is an error.</param>
/// <param name="Error">Why there is no answer; null where there is one.</param>
internal sealed record ScriptAnswer(YamlNode? Value, string? Error = null)
{
    public byte[] Write() => Error is null
        ? JsonText.WriteBytes(YamlMap.Of(("value", Value ?? YamlScalar.Null)))
        : JsonText.WriteBytes(YamlMap.Of(("error", Error)));

    public static ScriptAnswer Read(ReadOnlySpan<byte> json)
    {
        var map = (YamlMap)JsonText.Read(json);
        return new ScriptAnswer(map["value"] is { IsNull: false } value ? value : null, map["error"]?.AsString());
    }
}

/// <summary>Messages over a pipe: four bytes of length, then the message.</summary>
internal static class ScriptPipe
{
    private const int Longest = 64 << 20;

    public static async Task WriteAsync(Stream pipe, byte[] message, CancellationToken cancellation)
    {
        await pipe.WriteAsync(BitConverter.GetBytes(message.Length), cancellation).ConfigureAwait(false);
        await pipe.WriteAsync(message, cancellation).ConfigureAwait(false);
        await pipe.FlushAsync(cancellation).ConfigureAwait(false);
    }

    /// <returns>Null when the other side has ended.</returns>
    public static async Task<byte[]?> ReadAsync(Stream pipe, CancellationToken cancellation)
    {
        var head = new byte[4];
        if (await pipe.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false) < head.Length)
        {
            return null;
        }

        var length = BitConverter.ToInt32(head);
        if (length is < 0 or > Longest)
        {
            return null;
        }

        var message = new byte[length];
        return await pipe.ReadAtLeastAsync(message, length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false) < length ? null : message;
    }
}
