using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Capstan.Oci.Content;

/// <summary>The hash functions that content is addressed by (OCI image-spec, descriptor.md, "Registered Algorithms").</summary>
public enum DigestAlgorithm
{
    /// <summary>SHA-256: what every client uses.</summary>
    Sha256,

    /// <summary>SHA-512: allowed, rarely used.</summary>
    Sha512,
}

/// <summary>The name of some content: the algorithm and its hash in lower-case hexadecimal. A value of this type is always well-formed.</summary>
public readonly record struct Digest
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");
    private readonly string? _hex;

    private Digest(DigestAlgorithm algorithm, string hex)
    {
        Algorithm = algorithm;
        _hex = hex;
    }

    /// <summary>The hash function.</summary>
    public DigestAlgorithm Algorithm { get; }

    /// <summary>The hash: 64 digits of SHA-256, 128 of SHA-512.</summary>
    public string Hex => _hex ?? throw new InvalidOperationException("This digest was never given a value.");

    /// <summary>The algorithm as it is written: <c>sha256</c>, <c>sha512</c>.</summary>
    public string AlgorithmName => NameOf(Algorithm);

    /// <summary>The digest of some bytes.</summary>
    public static Digest Of(ReadOnlySpan<byte> content, DigestAlgorithm algorithm = DigestAlgorithm.Sha256) =>
        new(algorithm, Convert.ToHexStringLower(algorithm == DigestAlgorithm.Sha256 ? SHA256.HashData(content) : SHA512.HashData(content)));

    /// <summary>A digest from a finished hash.</summary>
    /// <exception cref="ArgumentException">The hash has not the length that the algorithm gives.</exception>
    public static Digest FromHash(DigestAlgorithm algorithm, ReadOnlySpan<byte> hash) => hash.Length * 2 == LengthOf(algorithm)
        ? new(algorithm, Convert.ToHexStringLower(hash))
        : throw new ArgumentException($"a hash of {NameOf(algorithm)} has {LengthOf(algorithm) / 2} bytes, not {hash.Length}", nameof(hash));

    /// <summary>Reads <c>sha256:…</c> or <c>sha512:…</c>; nothing else is a digest here, upper-case digits neither.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Digest digest)
    {
        digest = default;
        if (text is null || text.Length < 7 || text[6] != ':' || !TryAlgorithm(text.AsSpan(0, 6), out var algorithm))
        {
            return false;
        }

        var hex = text.AsSpan(7);
        if (hex.Length != LengthOf(algorithm) || hex.ContainsAnyExcept(HexDigits))
        {
            return false;
        }

        digest = new Digest(algorithm, text[7..]);
        return true;
    }

    /// <summary>Reads a digest.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static Digest Parse(string text) => TryParse(text, out var digest) ? digest
        : throw new FormatException($"\"{text}\" is no digest: it is sha256: and 64 hexadecimal digits, or sha512: and 128");

    /// <summary>Reads the name of an algorithm.</summary>
    public static bool TryAlgorithm(ReadOnlySpan<char> name, out DigestAlgorithm algorithm)
    {
        algorithm = name is "sha512" ? DigestAlgorithm.Sha512 : DigestAlgorithm.Sha256;
        return name is "sha256" or "sha512";
    }

    /// <inheritdoc/>
    public override string ToString() => $"{AlgorithmName}:{Hex}";

    private static string NameOf(DigestAlgorithm algorithm) => algorithm == DigestAlgorithm.Sha256 ? "sha256" : "sha512";

    private static int LengthOf(DigestAlgorithm algorithm) => algorithm == DigestAlgorithm.Sha256 ? 64 : 128;
}
