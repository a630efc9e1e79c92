using System.Security.Cryptography;
using Capstan.GoTemplates;
using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Security;

namespace Capstan.Helm.Functions;

/// <summary>Private keys as PEM.</summary>
internal static class PrivateKeys
{
    private const string NoPem = "no PEM data in input";

    /// <summary>A new key.</summary>
    public static string Generate(string type)
    {
        switch (type)
        {
            case "" or "rsa":
                using (var rsa = RsaKeys.Generate(4096))
                {
                    return Pem("RSA PRIVATE KEY", rsa.ExportRSAPrivateKey());
                }

            case "ecdsa":
                using (var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256))
                {
                    return Pem("EC PRIVATE KEY", ec.ExportECPrivateKey());
                }

            case "ed25519":
                var generator = new Ed25519KeyPairGenerator();
                generator.Init(new Ed25519KeyGenerationParameters(new SecureRandom()));
                var seed = ((Ed25519PrivateKeyParameters)generator.GenerateKeyPair().Private).GetEncoded();

                // PKCS #8 around the seed (RFC 8410).
                return Pem("PRIVATE KEY", [0x30, 0x2E, 2, 1, 0, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 4, 0x22, 4, 0x20, .. seed]);
            case "dsa":
                return Dsa();
            default:
                return $"Unknown type {type}";
        }
    }

    /// <summary>Reads an RSA or EC key.</summary>
    /// <exception cref="GoException">The text is no such key.</exception>
    public static AsymmetricAlgorithm Parse(string pem)
    {
        if (!PemEncoding.TryFind(pem, out var fields))
        {
            throw new GoException(NoPem);
        }

        var label = pem[fields.Label];
        if (!label.EndsWith("PRIVATE KEY", StringComparison.Ordinal))
        {
            throw new GoException($"no private key data in PEM block of type {label}");
        }

        try
        {
            return label == "EC PRIVATE KEY" ? Ec(pem) : label == "RSA PRIVATE KEY" ? Rsa(pem) : Either(pem);
        }
        catch (CryptographicException error)
        {
            throw new GoException($"parsing {label} from PEM: {error.Message}");
        }
        catch (ArgumentException error)
        {
            throw new GoException($"parsing {label} from PEM: {error.Message}");
        }
    }

    /// <summary>The key in the form in which sprig writes keys of its kind.</summary>
    public static string Write(AsymmetricAlgorithm key) => key switch
    {
        RSA rsa => Pem("RSA PRIVATE KEY", rsa.ExportRSAPrivateKey()),
        ECDsa ec => Pem("EC PRIVATE KEY", ec.ExportECPrivateKey()),
        _ => throw new GoException("unable to write a key of this type"),
    };

    /// <summary>A PEM block with the line break that Go puts at its end.</summary>
    public static string Pem(string label, byte[] content) => PemEncoding.WriteString(label, content) + "\n";

    private static AsymmetricAlgorithm Either(string pem)
    {
        try
        {
            return Rsa(pem);
        }
        catch (CryptographicException)
        {
            // PKCS #8 does not say in its label what kind of key it holds.
            return Ec(pem);
        }
    }

    private static RSA Rsa(string pem)
    {
        var rsa = RSA.Create();
        rsa.ImportFromPem(pem);
        return rsa;
    }

    private static ECDsa Ec(string pem)
    {
        var ec = ECDsa.Create();
        ec.ImportFromPem(pem);
        return ec;
    }

    private static string Dsa()
    {
        var parameters = new DsaParametersGenerator(new Org.BouncyCastle.Crypto.Digests.Sha256Digest());
        parameters.Init(new DsaParameterGenerationParameters(2048, 256, 80, new SecureRandom()));
        var generator = new DsaKeyPairGenerator();
        generator.Init(new DsaKeyGenerationParameters(new SecureRandom(), parameters.GenerateParameters()));
        var pair = generator.GenerateKeyPair();
        var secret = (DsaPrivateKeyParameters)pair.Private;
        var open = (DsaPublicKeyParameters)pair.Public;
        var sequence = new DerSequence(
            DerInteger.Zero, new DerInteger(open.Parameters.P), new DerInteger(open.Parameters.Q), new DerInteger(open.Parameters.G),
            new DerInteger(open.Y), new DerInteger(secret.X));
        return Pem("DSA PRIVATE KEY", sequence.GetDerEncoded());
    }
}
