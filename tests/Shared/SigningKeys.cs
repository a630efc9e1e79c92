using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Security;

namespace Capstan.Testing;

/// <summary>A new key of OpenPGP, as <c>gpg --export</c> and <c>--export-secret-keys</c> write it, without a passphrase.</summary>
public sealed record SigningKeys(byte[] Public, byte[] Secret)
{
    public static SigningKeys Make(string owner, TimeSpan? lifetime = null)
    {
        var random = new SecureRandom();
        var generator = new RsaKeyPairGenerator();
        generator.Init(new RsaKeyGenerationParameters(BigInteger.ValueOf(65537), random, 2048, 64));
        var pair = new PgpKeyPair(PublicKeyAlgorithmTag.RsaGeneral, generator.GenerateKeyPair(), DateTime.UtcNow.AddMinutes(-1));
        var said = new PgpSignatureSubpacketGenerator();
        said.SetKeyFlags(true, PgpKeyFlags.CanSign | PgpKeyFlags.CanCertify);
        said.SetPreferredHashAlgorithms(false, [(int)HashAlgorithmTag.Sha512]);
        if (lifetime is { } life)
        {
            said.SetKeyExpirationTime(true, (long)life.TotalSeconds);
        }

        var ring = new PgpKeyRingGenerator(PgpSignature.PositiveCertification, pair, owner, SymmetricKeyAlgorithmTag.Null, HashAlgorithmTag.Sha256, (byte[]?)null, useSha1: false, said.Generate(), null, random);
        using var open = new MemoryStream();
        using var secret = new MemoryStream();
        ring.GeneratePublicKeyRing().Encode(open);
        ring.GenerateSecretKeyRing().Encode(secret);
        return new SigningKeys(open.ToArray(), secret.ToArray());
    }
}
