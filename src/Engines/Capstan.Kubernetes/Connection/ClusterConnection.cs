using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using k8s;

namespace Capstan.Kubernetes;

/// <summary>How a cluster is reached: address, trust and credentials. Nothing is sent before a <see cref="ClusterClient"/> uses it.</summary>
public sealed class ClusterConnection
{
    private readonly KubernetesClientConfiguration _config;
    private readonly string? _tlsServerName;
    private Func<HttpMessageHandler>? _transport;

    private ClusterConnection(string name, KubernetesClientConfiguration config)
    {
        if (!Uri.TryCreate(config.Host, UriKind.Absolute, out var server) || server.Scheme is not ("https" or "http"))
        {
            throw new ClusterConfigurationException($"{name}: the server \"{config.Host}\" is no http or https address");
        }

        Name = name;
        Server = server.AbsolutePath.EndsWith('/') ? server : new Uri(server + "/");
        DefaultNamespace = config.Namespace is { Length: > 0 } space ? space : "default";
        _config = config;
        _tlsServerName = config.TlsServerName is { Length: > 0 } host ? host : null;
    }

    /// <summary>The name for messages: the context of a kubeconfig, <c>in-cluster</c>, or what the caller gave.</summary>
    public string Name { get; }

    /// <summary>The address, ending in a slash.</summary>
    public Uri Server { get; }

    /// <summary>The namespace of the context; <c>default</c> when it names none.</summary>
    public string DefaultNamespace { get; }

    /// <summary>Reads a kubeconfig file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="context">Which context; its current one when null.</param>
    /// <param name="allowExec">Whether a credential program that the file names may be run. Never for files that tenants wrote.</param>
    /// <exception cref="ClusterConfigurationException">The file cannot be read, or names what is not allowed.</exception>
    public static ClusterConnection FromKubeconfig(string path, string? context = null, bool allowExec = true)
    {
        try
        {
            var config = KubernetesClientConfiguration.LoadKubeConfig(path, useRelativePaths: true);
            return KubeconfigRules.Connect(config, context, path, allowExec, allowFiles: true, (name, built) => new(name, built));
        }
        catch (Exception error) when (error is not ClusterConfigurationException)
        {
            throw new ClusterConfigurationException($"{path}: {error.Message}", error);
        }
    }

    /// <summary>Reads a kubeconfig that came as text, from a Secret say: no credential programs, no paths of files.</summary>
    /// <exception cref="ClusterConfigurationException">The text is no kubeconfig, or names what is not allowed.</exception>
    public static ClusterConnection FromKubeconfigText(string name, ReadOnlyMemory<byte> text, string? context = null)
    {
        try
        {
            using var stream = new MemoryStream(text.ToArray(), writable: false);
            var config = KubernetesClientConfiguration.LoadKubeConfig(stream);
            return KubeconfigRules.Connect(config, context, name, allowExec: false, allowFiles: false, (_, built) => new(name, built));
        }
        catch (Exception error) when (error is not ClusterConfigurationException)
        {
            throw new ClusterConfigurationException($"{name}: no kubeconfig: {error.Message}", error);
        }
    }

    /// <summary>The cluster in which this process runs, by its service account; the token is read again when it is rotated.</summary>
    /// <exception cref="ClusterConfigurationException">The process does not run in a cluster.</exception>
    public static ClusterConnection InCluster()
    {
        if (!KubernetesClientConfiguration.IsInCluster())
        {
            throw new ClusterConfigurationException("not in a cluster: the service account's token or KUBERNETES_SERVICE_HOST is missing. Use --kubeconfig instead");
        }

        return new("in-cluster", KubernetesClientConfiguration.InClusterConfig());
    }

    /// <summary>A cluster whose particulars are known.</summary>
    /// <param name="name">The name for messages.</param>
    /// <param name="server">The address.</param>
    /// <param name="trust">Whose certificates are trusted.</param>
    /// <param name="token">A bearer token; null for none.</param>
    /// <exception cref="ClusterConfigurationException">The address or the certificates are not usable.</exception>
    public static ClusterConnection From(string name, string server, ServerTrust trust, string? token = null)
    {
        var config = new KubernetesClientConfiguration { Host = server, AccessToken = token, SkipTlsVerify = trust.Insecure };
        if (trust.AuthorityPem is { Length: > 0 } pem)
        {
            try
            {
                config.SslCaCerts = [];
                config.SslCaCerts.ImportFromPem(pem);
            }
            catch (System.Security.Cryptography.CryptographicException error)
            {
                throw new ClusterConfigurationException($"{name}: the certificate authority is no PEM: {error.Message}", error);
            }
        }

        return new(name, config);
    }

    /// <summary>The same cluster with the same credentials, reached by other means than a connection: one that runs in this process.</summary>
    /// <param name="transport">Makes what sends the requests; once for each client.</param>
    public ClusterConnection Through(Func<HttpMessageHandler> transport) => new(Name, _config) { _transport = transport };

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Server.GetLeftPart(UriPartial.Authority)})";

    /// <summary>What sends the requests: sockets, where nothing else was said.</summary>
    internal HttpMessageHandler CreateHandler() => _transport?.Invoke() ?? ClusterTransport.Create(this);

    /// <summary>The name to expect in the server's certificate; null for the address's own.</summary>
    internal string? TlsServerName => _tlsServerName;

    /// <summary>Whether any server certificate is accepted.</summary>
    internal bool Insecure => _config.SkipTlsVerify;

    /// <summary>The trusted authorities; null for the system's.</summary>
    internal X509Certificate2Collection? Authorities => _config.SslCaCerts is { Count: > 0 } certificates ? certificates : null;

    /// <summary>The client's certificate; null when it has none.</summary>
    internal X509Certificate2? ClientCertificate()
    {
        try
        {
            var certificate = Pem(_config.ClientCertificateData, _config.ClientCertificateFilePath);
            var key = Pem(_config.ClientCertificateKeyData, _config.ClientKeyFilePath);
            return certificate is null || key is null ? null : X509Certificate2.CreateFromPem(certificate, key);
        }
        catch (Exception error) when (error is System.Security.Cryptography.CryptographicException or IOException or FormatException or UnauthorizedAccessException)
        {
            throw new ClusterConfigurationException($"{Name}: the client certificate or its key is not usable: {error.Message}", error);
        }
    }

    /// <summary>The Authorization header of the next request; null when there are no such credentials.</summary>
    internal async ValueTask<AuthenticationHeaderValue?> AuthorizationAsync(CancellationToken cancellation)
    {
        if (_config.TokenProvider is { } provider)
        {
            return await provider.GetAuthenticationHeaderAsync(cancellation).ConfigureAwait(false);
        }

        if (_config.AccessToken is { Length: > 0 } token)
        {
            return new AuthenticationHeaderValue("Bearer", token);
        }

        return _config.Username is { Length: > 0 } user
            ? new AuthenticationHeaderValue("Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{user}:{_config.Password}")))
            : null;
    }

    private static string? Pem(string? base64, string? file) =>
        base64 is { Length: > 0 } ? System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(base64)) : file is { Length: > 0 } ? File.ReadAllText(file) : null;
}

/// <summary>Whose certificates a connection trusts.</summary>
/// <param name="AuthorityPem">The certificate authorities as PEM; the system's when null.</param>
/// <param name="Insecure">Whether any certificate is accepted. Only where a person asked for it by name.</param>
public sealed record ServerTrust(string? AuthorityPem = null, bool Insecure = false)
{
    /// <summary>The system's authorities.</summary>
    public static readonly ServerTrust System = new();
}
