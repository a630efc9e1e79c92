using System.Security.Cryptography;

namespace Capstan.Oci.Content;

/// <summary>Hashes content that comes piece by piece.</summary>
/// <param name="algorithm">The hash function.</param>
public sealed class ContentHasher(DigestAlgorithm algorithm = DigestAlgorithm.Sha256) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(algorithm == DigestAlgorithm.Sha256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA512);

    /// <summary>The hash function.</summary>
    public DigestAlgorithm Algorithm => algorithm;

    /// <summary>How many bytes have come.</summary>
    public long Length { get; private set; }

    /// <summary>The next piece.</summary>
    public void Append(ReadOnlySpan<byte> piece)
    {
        _hash.AppendData(piece);
        Length += piece.Length;
    }

    /// <summary>The digest of what has come so far; more may follow.</summary>
    public Digest Current() => Digest.FromHash(algorithm, _hash.GetCurrentHash());

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();
}
