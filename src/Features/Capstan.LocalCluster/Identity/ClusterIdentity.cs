using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Capstan.LocalCluster.Identity;

/// <summary>Who the cluster is and who may talk to it: its authority, its certificate, the administrator's token and certificate. Made at the first start.</summary>
internal sealed class ClusterIdentity : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    internal const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly string _folder;
    private readonly byte[] _tokenHash;

    private ClusterIdentity(string folder)
    {
        _folder = folder;
        Authority = X509Certificate2.CreateFromPem(File.ReadAllText(PathOf("ca.crt")));
        Serving = LoadPair("apiserver");
        Client = LoadPair("admin");
        Token = File.ReadAllText(PathOf("token")).Trim();
        _tokenHash = SHA256.HashData(Encoding.UTF8.GetBytes(Token));
    }

    /// <summary>The certificate authority, without its key.</summary>
    public X509Certificate2 Authority { get; }

    /// <summary>The server's certificate with its key.</summary>
    public X509Certificate2 Serving { get; }

    /// <summary>The administrator's certificate with its key.</summary>
    public X509Certificate2 Client { get; }

    /// <summary>The administrator's bearer token.</summary>
    public string Token { get; }

    public string ClientKeyPem => File.ReadAllText(PathOf("admin.key"));

    public static ClusterIdentity LoadOrCreate(string folder, IReadOnlyCollection<IPAddress> addresses, DateTimeOffset now)
    {
        SecretFiles.MakeFolder(folder);

        // The authority is written last: where it is absent, a first start was interrupted and everything is made anew.
        if (!File.Exists(Path.Combine(folder, "ca.crt")))
        {
            Create(folder, addresses, now);
        }

        return new ClusterIdentity(folder);
    }

    /// <summary>Whether a token is the administrator's.</summary>
    public bool IsAdministratorToken(string token) => CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(token)), _tokenHash);

    public void Dispose()
    {
        Authority.Dispose();
        Serving.Dispose();
        Client.Dispose();
    }

    private static void Create(string folder, IReadOnlyCollection<IPAddress> addresses, DateTimeOffset now)
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=capstan-local-cluster-ca", authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var authority = request.CreateSelfSigned(now.AddMinutes(-5), now.AddYears(10));
        Issue(folder, "apiserver", "CN=kube-apiserver", ServerAuthentication, authority, addresses, now);
        Issue(folder, "admin", $"O=system:masters, CN={ApiServer.Access.UserInfo.Administrator.Name}", ClientAuthentication, authority, [], now);
        SecretFiles.Write(Path.Combine(folder, "token"), Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)) + "\n");
        SecretFiles.Write(Path.Combine(folder, "ca.key"), authorityKey.ExportECPrivateKeyPem() + "\n");
        SecretFiles.Write(Path.Combine(folder, "ca.crt"), authority.ExportCertificatePem() + "\n");
    }

    private static void Issue(string folder, string name, string subject, string usage, X509Certificate2 authority, IReadOnlyCollection<IPAddress> addresses, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        if (usage == ServerAuthentication)
        {
            var names = new SubjectAlternativeNameBuilder();
            foreach (var host in (ReadOnlySpan<string>)["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"])
            {
                names.AddDnsName(host);
            }

            foreach (var address in addresses.Append(IPAddress.Loopback).Append(IPAddress.IPv6Loopback).Append(IPAddress.Parse("10.96.0.1")).Distinct())
            {
                names.AddIpAddress(address);
            }

            request.CertificateExtensions.Add(names.Build());
        }

        using var certificate = request.Create(authority, now.AddMinutes(-5), now.AddYears(10).AddDays(-1), RandomNumberGenerator.GetBytes(16));
        SecretFiles.Write(Path.Combine(folder, name + ".key"), key.ExportPkcs8PrivateKeyPem() + "\n");
        SecretFiles.Write(Path.Combine(folder, name + ".crt"), certificate.ExportCertificatePem() + "\n");
    }

    private string PathOf(string name) => Path.Combine(_folder, name);

    private X509Certificate2 LoadPair(string name) => X509Certificate2.CreateFromPemFile(PathOf(name + ".crt"), PathOf(name + ".key"));
}
