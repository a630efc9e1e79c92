using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Capstan.Sources.Http;

/// <summary>Which authorities a server's certificate must come from, and which certificate is shown to a server that asks for one.</summary>
public sealed class TlsTrust
{
    private readonly X509Certificate2Collection _authorities = [];
    private readonly SslStreamCertificateContext? _own;

    private TlsTrust(X509Certificate2Collection authorities, SslStreamCertificateContext? own)
    {
        (_authorities, _own) = (authorities, own);
        var shown = string.Join(' ', authorities.Select(static a => a.Thumbprint));
        Key = $"{shown}/{own?.TargetCertificate.Thumbprint}";
    }

    /// <summary>What tells one from another, for keys in memory.</summary>
    internal string Key { get; }

    /// <summary>Whether it shows who we are, so that a server may answer us otherwise than others.</summary>
    internal bool ShowsCertificate => _own is not null;

    /// <summary>Reads certificates and a key.</summary>
    /// <param name="authorities">Certificates of authorities, as PEM: these are believed, and no others. Null for those that the system believes.</param>
    /// <param name="certificate">The certificate that is shown, perhaps with those between it and its authority, as PEM; null to show none.</param>
    /// <param name="key">Its key, as PEM without a passphrase.</param>
    /// <exception cref="SourceException">A text is none of these; the message holds nothing of it.</exception>
    public static TlsTrust FromPem(string? authorities, string? certificate, string? key)
    {
        var trusted = new X509Certificate2Collection();
        if (authorities is not null)
        {
            Import(trusted, authorities);
            if (trusted.Count == 0)
            {
                throw new SourceException(SourceProblem.Invalid, "failed to append certificates from pem block");
            }
        }

        return new TlsTrust(trusted, certificate is null || key is null ? null : Own(certificate, key));
    }

    /// <summary>Lays it over the options of a connection.</summary>
    internal SslClientAuthenticationOptions Options()
    {
        var options = new SslClientAuthenticationOptions { ClientCertificateContext = _own };
        if (_authorities.Count > 0)
        {
            // A private authority publishes no lists of what it revoked.
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(_authorities);
        }

        return options;
    }

    private static SslStreamCertificateContext Own(string certificate, string key)
    {
        try
        {
            var chain = new X509Certificate2Collection();
            Import(chain, certificate);
            return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPem(certificate, key), chain, offline: true);
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            throw new SourceException(SourceProblem.Invalid, "unable to load cert from key pair: the certificate and the key do not belong to one another, or are no PEM", error);
        }
    }

    private static void Import(X509Certificate2Collection into, string pem)
    {
        try
        {
            into.ImportFromPem(pem);
        }
        catch (CryptographicException error)
        {
            throw new SourceException(SourceProblem.Invalid, "failed to append certificates from pem block", error);
        }
    }
}

/// <summary>One client for each trust: connections are never shared between certificates.</summary>
/// <param name="make">Makes a client that connects with these options.</param>
internal sealed class TrustedClients<T>(Func<SslClientAuthenticationOptions, bool, T> make) : IDisposable
    where T : HttpMessageInvoker
{
    private const int MostClients = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Key, bool Registered), T> _clients = [];

    /// <summary>The client for a trust.</summary>
    /// <param name="trust">The trust.</param>
    /// <param name="registered">Whether its server may lie inside the network.</param>
    /// <exception cref="SourceException">There are too many already.</exception>
    public T Of(TlsTrust trust, bool registered)
    {
        lock (_gate)
        {
            if (_clients.TryGetValue((trust.Key, registered), out var known))
            {
                return known;
            }

            return _clients.Count < MostClients
                ? _clients[(trust.Key, registered)] = make(trust.Options(), registered)
                : throw new SourceException(SourceProblem.Refused, $"more than {MostClients} certificates for repositories are in use; fewer are needed");
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var client in _clients.Values)
            {
                client.Dispose();
            }
        }
    }
}
