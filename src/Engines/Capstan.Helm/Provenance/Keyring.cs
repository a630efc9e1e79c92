using System.Text;
using Capstan.Helm.Charts;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Capstan.Helm.Provenance;

/// <summary>Public keys of OpenPGP whose signatures are believed: a file as <c>gpg --export</c> writes it.</summary>
public sealed class Keyring
{
    private const int MaxBytes = 64 * 1024 * 1024;

    private readonly List<PgpPublicKeyRing> _rings;

    private Keyring(List<PgpPublicKeyRing> rings) => _rings = rings;

    /// <summary>Reads a keyring. Secret keys in it stand for their public halves, as in Helm.</summary>
    /// <exception cref="ChartException">It is none; the message is Helm's.</exception>
    public static Keyring Read(ReadOnlyMemory<byte> content)
    {
        if (content.Length is 0 or > MaxBytes || content.Span[0] < 0x80)
        {
            throw new ChartException(content.Length == 0 || content.Length > MaxBytes
                ? $"failed to load keyring: it has {content.Length:N0} bytes"
                : "failed to load keyring: openpgp: invalid data: tag byte does not have MSB set (is it armored, or in the format of gpg's keybox? gpg --export writes what is needed)");
        }

        try
        {
            using var stream = new MemoryStream(content.ToArray(), writable: false);
            var rings = new List<PgpPublicKeyRing>();
            var factory = new PgpObjectFactory(stream);
            for (var next = factory.NextPgpObject(); next is not null; next = factory.NextPgpObject())
            {
                if (next is PgpPublicKeyRing open)
                {
                    rings.Add(open);
                }
                else if (next is PgpSecretKeyRing secret)
                {
                    rings.Add(PublicHalf(secret));
                }
            }

            return new Keyring(rings);
        }
        catch (Exception error) when (IsMalformed(error))
        {
            throw new ChartException($"failed to load keyring: {error.Message}", error);
        }
    }

    /// <summary>The key that made a signature, and who owns it; null when it is not in the keyring.</summary>
    /// <exception cref="ChartException">It is there and may not sign.</exception>
    internal (PgpPublicKey Key, PgpPublicKey Primary)? Find(long id, DateTime at)
    {
        foreach (var ring in _rings)
        {
            if (ring.GetPublicKey(id) is not { } key)
            {
                continue;
            }

            var primary = ring.GetPublicKey();
            Check(primary, primary, at);
            if (!key.IsMasterKey)
            {
                Check(key, primary, at);
                if (!MaySign(key, primary))
                {
                    throw new ChartException("openpgp: signature made by a subkey that its owner did not mark for signing");
                }
            }

            return (key, primary);
        }

        return null;
    }

    /// <summary>Whether an exception means that a packet is none: the library says it in many ways.</summary>
    internal static bool IsMalformed(Exception error) => error is IOException or PgpException or UnsupportedPacketVersionException or InvalidOperationException or ArgumentException
        or ArithmeticException or FormatException or InvalidCastException or IndexOutOfRangeException or NullReferenceException or NotSupportedException
        or Org.BouncyCastle.Security.GeneralSecurityException;

    private static PgpPublicKeyRing PublicHalf(PgpSecretKeyRing secret)
    {
        using var encoded = new MemoryStream();
        foreach (var key in secret.GetSecretKeys())
        {
            key.PublicKey.Encode(encoded);
        }

        return new PgpPublicKeyRing(encoded.ToArray());
    }

    private static void Check(PgpPublicKey key, PgpPublicKey primary, DateTime at)
    {
        if (key.HasRevocation() && key.GetSignatures().Any(s => s.SignatureType is PgpSignature.KeyRevocation or PgpSignature.SubkeyRevocation && Holds(s, key, primary)))
        {
            throw new ChartException("openpgp: signature made by a revoked key");
        }

        if (key.GetValidSeconds() is var seconds and > 0 && key.CreationTime.AddSeconds(seconds) < at)
        {
            throw new ChartException("openpgp: key expired");
        }
    }

    private static bool Holds(PgpSignature signature, PgpPublicKey key, PgpPublicKey primary)
    {
        signature.InitVerify(primary);
        return key.IsMasterKey ? signature.VerifyCertification(key) : signature.VerifyCertification(primary, key);
    }

    // RFC 9580, section 5.2.1: a subkey that signs must be bound by its owner, and must itself say whose it is.
    private static bool MaySign(PgpPublicKey key, PgpPublicKey primary)
    {
        foreach (var binding in key.GetSignatures().Where(s => s.SignatureType == PgpSignature.SubkeyBinding && s.KeyId == primary.KeyId))
        {
            if (!Holds(binding, key, primary) || binding.GetHashedSubPackets() is not { } said || (said.GetKeyFlags() & PgpKeyFlags.CanSign) == 0)
            {
                continue;
            }

            foreach (var back in Embedded(binding))
            {
                back.InitVerify(key);
                if (back.SignatureType == PgpSignature.PrimaryKeyBinding && back.VerifyCertification(primary, key))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static IEnumerable<PgpSignature> Embedded(PgpSignature binding)
    {
        foreach (var packets in new[] { binding.GetHashedSubPackets(), binding.GetUnhashedSubPackets() })
        {
            if (packets?.HasSubpacket(SignatureSubpacketTag.EmbeddedSignature) != true)
            {
                continue;
            }

            var signatures = packets.GetEmbeddedSignatures();
            for (var i = 0; i < signatures.Count; i++)
            {
                yield return signatures[i];
            }
        }
    }

    /// <summary>The names in a key, as its owner wrote them.</summary>
    internal static IReadOnlyList<string> Names(PgpPublicKey primary) => [.. primary.GetRawUserIds().Select(Encoding.UTF8.GetString)];
}
