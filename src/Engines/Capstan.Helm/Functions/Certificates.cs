using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Capstan.GoTemplates;

namespace Capstan.Helm.Functions;

/// <summary>A certificate and its key, both PEM: what sprig's functions return.</summary>
internal sealed class Certificate(string cert, string key) : GoObject
{
    internal static readonly GoType GoTypeOf = new(GoKind.Struct, "sprig.certificate");

    private static readonly string[] Fields = ["Cert", "Key"];

    public string Cert { get; } = cert;

    public string Key { get; } = key;

    public override GoType Type => GoTypeOf;

    public override IReadOnlyList<string> FieldNames => Fields;

    public override bool TryGetField(string name, out object? value)
    {
        value = name == "Cert" ? Cert : name == "Key" ? Key : null;
        return value is not null;
    }
}

/// <summary>Certificates made by charts.</summary>
internal static class Certificates
{
    private static readonly OidCollection ServerAndClient = [new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")];

    public static Certificate Authority(TemplateCall call, string name, int days, string? keyPem)
    {
        using var key = NewKey(keyPem);
        var request = Request(name, key, null, null, isAuthority: true);
        return SignedBy(call, request, key, days, null, key);
    }

    public static Certificate SelfSigned(TemplateCall call, string name, object? addresses, object? names, int days, string? keyPem)
    {
        using var key = NewKey(keyPem);
        var request = Request(name, key, addresses, names, isAuthority: false);
        return SignedBy(call, request, key, days, null, key);
    }

    public static Certificate Signed(
        TemplateCall call, string name, object? addresses, object? names, int days, Certificate authority, string? keyPem)
    {
        using var key = NewKey(keyPem);
        using var authorityKey = PrivateKeys.Parse(authority.Key);
        using var issuer = Load(authority.Cert);
        var request = Request(name, key, addresses, names, isAuthority: false);
        return SignedBy(call, request, authorityKey, days, issuer, key);
    }

    public static Certificate FromPem(string cert64, string key64)
    {
        if (!EncodingFunctions.TryBase64(cert64, out var cert, out _))
        {
            throw new GoException("unable to decode base64 certificate");
        }

        if (!EncodingFunctions.TryBase64(key64, out var key, out _))
        {
            throw new GoException("unable to decode base64 private key");
        }

        var (certPem, keyPem) = (GoText.FromBytes(cert), GoText.FromBytes(key));
        using var loaded = Load(certPem);
        try
        {
            using var parsed = PrivateKeys.Parse(keyPem);
        }
        catch (GoException error)
        {
            throw new GoException($"error parsing private key: {error.Message}");
        }

        return new Certificate(certPem, keyPem);
    }

    private static X509Certificate2 Load(string pem)
    {
        if (!PemEncoding.TryFind(pem, out _))
        {
            throw new GoException("unable to decode certificate");
        }

        try
        {
            return X509Certificate2.CreateFromPem(pem);
        }
        catch (CryptographicException error)
        {
            throw new GoException($"error parsing certificate: decodedCert.Bytes: {error.Message}");
        }
    }

    private static AsymmetricAlgorithm NewKey(string? pem)
    {
        if (pem is null)
        {
            return RsaKeys.Generate(2048);
        }

        try
        {
            return PrivateKeys.Parse(pem);
        }
        catch (GoException error)
        {
            throw new GoException($"parsing private key: {error.Message}");
        }
    }

    private static CertificateRequest Request(string name, AsymmetricAlgorithm key, object? addresses, object? names, bool isAuthority)
    {
        var builder = new X500DistinguishedNameBuilder();
        builder.AddCommonName(name);
        var subject = name.Length == 0 ? new X500DistinguishedName("") : builder.Build();
        var request = key is RSA rsa
            ? new CertificateRequest(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(subject, (ECDsa)key, HashAlgorithmName.SHA256);
        var usage = X509KeyUsageFlags.KeyEncipherment | X509KeyUsageFlags.DigitalSignature;
        request.CertificateExtensions.Add(new X509KeyUsageExtension(isAuthority ? usage | X509KeyUsageFlags.KeyCertSign : usage, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(ServerAndClient, critical: false));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, critical: true));
        if (isAuthority)
        {
            request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        }

        AddAlternatives(request, addresses, names);
        return request;
    }

    private static void AddAlternatives(CertificateRequest request, object? addresses, object? names)
    {
        var builder = new SubjectAlternativeNameBuilder();
        var any = false;
        foreach (var name in Items(names, "error processing alternate dns name: {0} is not a string"))
        {
            builder.AddDnsName(name);
            any = true;
        }

        foreach (var text in Items(addresses, "error parsing ip: {0} is not a string"))
        {
            builder.AddIpAddress(IPAddress.TryParse(text, out var address) ? address : throw new GoException($"error parsing ip: {text}"));
            any = true;
        }

        if (any)
        {
            request.CertificateExtensions.Add(builder.Build());
        }
    }

    private static IEnumerable<string> Items(object? list, string problem)
    {
        if (list is not GoList items)
        {
            yield break;
        }

        for (var i = 0; i < items.Count; i++)
        {
            yield return items[i] as string
                ?? throw new GoException(problem.Replace("{0}", GoFormat.Sprint(items[i]), StringComparison.Ordinal));
        }
    }

    private static Certificate SignedBy(
        TemplateCall call, CertificateRequest request, AsymmetricAlgorithm signer, int days, X509Certificate2? issuer, AsymmetricAlgorithm key)
    {
        var now = call.Budget.Time.GetUtcNow();
        var generator = signer is RSA rsa
            ? X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1)
            : X509SignatureGenerator.CreateForECDsa((ECDsa)signer);
        if (issuer?.Extensions.OfType<X509SubjectKeyIdentifierExtension>().FirstOrDefault() is { } identifier)
        {
            request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(identifier));
        }

        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7F;
        using var certificate = request.Create(issuer?.SubjectName ?? request.SubjectName, generator, now, now.AddDays(days), serial);
        return new Certificate(PrivateKeys.Pem("CERTIFICATE", certificate.RawData), PrivateKeys.Write(key));
    }
}
