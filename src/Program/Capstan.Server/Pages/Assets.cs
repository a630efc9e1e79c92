using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Capstan.Server.Pages;

/// <summary>The files that pages load: part of the program, named with a hash of what is in them, so that browsers keep them for good.</summary>
public static class Assets
{
    private const string Prefix = "assets/";
    private static readonly FrozenDictionary<string, Asset> All = Load();

    internal sealed record Asset(byte[] Plain, byte[] Packed, string ContentType, string Tag);

    /// <summary>Whether a file is there. The script of others may be absent from a build without a network; pages work without any.</summary>
    public static bool Has(string name) => All.ContainsKey(name);

    /// <summary>The address of a file.</summary>
    public static string Url(string name) => All.TryGetValue(name, out var asset) ? $"/assets/{asset.Tag}/{name}" : $"/assets/missing/{name}";

    /// <summary>The icon of a page's tab, coloured by the worst state on it.</summary>
    public static string Favicon(string state) => $"/favicon.svg{(state.Length > 0 ? "?state=" + Uri.EscapeDataString(state) : "")}";

    internal static Asset? Find(string name) => All.GetValueOrDefault(name);

    private static FrozenDictionary<string, Asset> Load()
    {
        var assembly = typeof(Assets).Assembly;
        var all = new Dictionary<string, Asset>(StringComparer.Ordinal);
        foreach (var resource in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            var name = resource[Prefix.Length..];
            all[name] = new Asset(bytes.ToArray(), Pack(bytes.ToArray()), name.EndsWith(".css", StringComparison.Ordinal) ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8",
                Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray()).AsSpan(..6)));
        }
        return all.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static byte[] Pack(byte[] plain)
    {
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Optimal, leaveOpen: true)) brotli.Write(plain);
        return packed.ToArray();
    }
}
