using Capstan.GoTemplates;
using Capstan.Helm.Charts;
using Capstan.Helm.Data;
using Capstan.Yaml;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Capstan.Helm.Provenance;

/// <summary>Who vouches for a chart.</summary>
/// <param name="SignedBy">The names in the key that signed it.</param>
/// <param name="Fingerprint">The key's fingerprint, in upper-case hexadecimal.</param>
/// <param name="FileHash">The hash that was signed: <c>sha256:…</c>.</param>
public sealed record ProvenanceVerdict(IReadOnlyList<string> SignedBy, string Fingerprint, string FileHash);

/// <summary>
/// Checks a chart's provenance: a text signed by OpenPGP that holds the hash of the archive, as <c>helm package --sign</c> writes it and
/// <c>helm verify</c> reads it. Signatures over SHA-1 and older hashes are not believed.
/// </summary>
public static class ChartProvenance
{
    /// <summary>The most bytes of a provenance that are read.</summary>
    public const int MaxBytes = 5 * 1024 * 1024;

    private const int MostSignatures = 16;

    /// <summary>Checks that a key of a keyring vouches for an archive.</summary>
    /// <param name="fileName">The archive's name, under which the provenance knows it: <c>shop-1.0.0.tgz</c>.</param>
    /// <param name="sha256">The archive's SHA-256, in hexadecimal.</param>
    /// <param name="provenance">The provenance.</param>
    /// <param name="keyring">The keys that are believed.</param>
    /// <param name="now">The time, at which no key may have expired.</param>
    /// <exception cref="ChartException">Nobody of them does; the message is Helm's.</exception>
    public static ProvenanceVerdict Verify(string fileName, string sha256, ReadOnlySpan<byte> provenance, Keyring keyring, DateTimeOffset now)
    {
        var signed = SignedText.Read(provenance);
        var (key, primary) = Signer(signed, keyring, now.UtcDateTime);
        var said = Hashes(signed.Text)[fileName]?.AsString()
            ?? throw new ChartException($"provenance does not contain a SHA for a file named {GoQuote.Quote(fileName)}");
        var actual = "sha256:" + sha256.ToLowerInvariant();
        return said == actual
            ? new ProvenanceVerdict(Keyring.Names(primary), Convert.ToHexString(key.IsMasterKey ? key.GetFingerprint() : primary.GetFingerprint()), actual)
            : throw new ChartException($"sha256 sum does not match for {fileName}: {GoQuote.Quote(said)} != {GoQuote.Quote(actual)}");
    }

    private static (PgpPublicKey Key, PgpPublicKey Primary) Signer(SignedText signed, Keyring keyring, DateTime now)
    {
        try
        {
            foreach (var signature in Signatures(signed.Signature).Take(MostSignatures))
            {
                if (keyring.Find(signature.KeyId, now) is not { } signer)
                {
                    continue;
                }

                Check(signature, signer.Key, signed, now);
                return signer;
            }
        }
        catch (Exception error) when (Keyring.IsMalformed(error))
        {
            throw new ChartException($"openpgp: invalid signature: {error.Message}", error);
        }

        throw new ChartException("openpgp: signature made by unknown entity");
    }

    private static IEnumerable<PgpSignature> Signatures(byte[] armored)
    {
        using var stream = new ArmoredInputStream(new MemoryStream(armored, writable: false));
        return new PgpObjectFactory(stream).NextPgpObject() is PgpSignatureList list ? Enumerable.Range(0, list.Count).Select(i => list[i]) : [];
    }

    private static void Check(PgpSignature signature, PgpPublicKey key, SignedText signed, DateTime now)
    {
        if (signature.SignatureType is not (PgpSignature.CanonicalTextDocument or PgpSignature.BinaryDocument))
        {
            throw new ChartException("openpgp: invalid signature: it is over no text");
        }

        if (signature.HashAlgorithm is not (HashAlgorithmTag.Sha256 or HashAlgorithmTag.Sha384 or HashAlgorithmTag.Sha512 or HashAlgorithmTag.Sha224
            or HashAlgorithmTag.Sha3_256 or HashAlgorithmTag.Sha3_512))
        {
            throw new ChartException($"openpgp: invalid signature: the hash {signature.HashAlgorithm} is too weak to be believed");
        }

        if (signature.GetHashedSubPackets() is { } said && said.GetSignatureExpirationTime() is var seconds and > 0 && signature.CreationTime.AddSeconds(seconds) < now)
        {
            throw new ChartException("openpgp: signature expired");
        }

        signature.InitVerify(key);
        signature.Update(signed.Canonical);
        if (!signature.Verify())
        {
            throw new ChartException($"openpgp: invalid signature: {Algorithm(key.Algorithm)} verification failure");
        }
    }

    private static string Algorithm(PublicKeyAlgorithmTag algorithm) => algorithm switch
    {
        PublicKeyAlgorithmTag.RsaGeneral or PublicKeyAlgorithmTag.RsaSign => "RSA",
        PublicKeyAlgorithmTag.Dsa => "DSA",
        PublicKeyAlgorithmTag.ECDsa => "ECDSA",
        _ => "EdDSA",
    };

    // The chart's metadata, a line of three dots, and the hashes.
    private static YamlMap Hashes(string text)
    {
        var parts = text.Split("\n...\n", 2);
        if (parts.Length < 2)
        {
            throw new ChartException("message block must have at least two parts");
        }

        try
        {
            return (HelmYaml.Read(System.Text.Encoding.UTF8.GetBytes(parts[1])) as YamlMap)?["files"] as YamlMap ?? YamlMap.Empty;
        }
        catch (HelmYamlException error)
        {
            throw new ChartException($"the provenance's list of files cannot be read: {error.Message}", error);
        }
    }
}
