using System.Text;
using Capstan.Sources.Http;

namespace Capstan.Sources.Git;

/// <summary>
/// How Capstan shows a Git server who it is. Nothing of it can be read, printed or serialised from outside; it only reaches git, in ways
/// that no list of processes shows.
/// </summary>
public sealed class RepositoryCredentials
{
    /// <summary>No credential.</summary>
    public static readonly RepositoryCredentials None = new();

    private static readonly string[] Unsupported =
        ["tlsClientCertData", "tlsClientCertKey", "githubAppID", "githubAppPrivateKey", "gcpServiceAccountKey", "useAzureWorkloadIdentity", "proxy"];

    private RepositoryCredentials()
    {
    }

    private RepositoryCredentials(RepositoryCredentials other) =>
        (UserName, Password, BearerToken, SshPrivateKey, KnownHosts, Insecure, Trust)
            = (other.UserName, other.Password, other.BearerToken, other.SshPrivateKey, other.KnownHosts, other.Insecure, other.Trust);

    internal string? UserName { get; private init; }

    internal string? Password { get; private init; }

    internal string? BearerToken { get; private init; }

    internal string? SshPrivateKey { get; private init; }

    internal string? KnownHosts { get; private init; }

    internal bool Insecure { get; private init; }

    internal TlsTrust? Trust { get; private init; }

    /// <summary>What tells credentials apart, for keys in memory only; empty when they show nothing of us.</summary>
    internal string Identity => $"{AuthorizationHeader()}{(Trust is { ShowsCertificate: true } trust ? " " + trust.Key : "")}";

    /// <summary>A user and a password or token, for https.</summary>
    public static RepositoryCredentials Basic(string userName, string password) => new() { UserName = userName, Password = password };

    /// <summary>The same towards a server whose certificate nobody checks.</summary>
    public RepositoryCredentials TakingAnyCertificate() => new(this) { Insecure = true };

    /// <summary>The same towards a server that is judged, and perhaps shown a certificate, as this says. For HTTP and registries; git does not ask for it.</summary>
    public RepositoryCredentials With(TlsTrust trust) => new(this) { Trust = trust };

    /// <summary>A private key, for ssh.</summary>
    /// <param name="privateKey">The key as OpenSSH writes it, without a passphrase.</param>
    /// <param name="knownHosts">Lines of a known_hosts file. Without them every connection is refused, unless <paramref name="insecure"/>.</param>
    /// <param name="insecure">Take any host key.</param>
    public static RepositoryCredentials Ssh(string privateKey, string? knownHosts, bool insecure = false) =>
        new() { SshPrivateKey = privateKey, KnownHosts = knownHosts, Insecure = insecure };

    /// <summary>Reads the data of a repository Secret, labelled as Argo CD labels them.</summary>
    /// <param name="data">The decoded data of the Secret: <c>username</c>, <c>password</c>, <c>bearerToken</c>, <c>sshPrivateKey</c>, <c>insecure</c>, …</param>
    /// <param name="knownHosts">The known hosts that the cluster's configuration holds, for ssh.</param>
    /// <exception cref="SourceException">It holds a kind of credential that is not served; the message names the key and no value.</exception>
    public static RepositoryCredentials FromSecretData(IReadOnlyDictionary<string, string> data, string? knownHosts)
    {
        var unknown = Unsupported.Where(key => !string.IsNullOrEmpty(data.GetValueOrDefault(key))).ToArray();
        if (unknown.Length > 0)
        {
            throw new SourceException(SourceProblem.Invalid, $"the repository Secret holds {string.Join(", ", unknown)}, which is not served; use username and password, bearerToken, or sshPrivateKey");
        }

        return new RepositoryCredentials
        {
            UserName = Value(data, "username"),
            Password = Value(data, "password"),
            BearerToken = Value(data, "bearerToken"),
            SshPrivateKey = Value(data, "sshPrivateKey"),
            KnownHosts = knownHosts,
            Insecure = IsTrue(data, "insecure") || IsTrue(data, "insecureIgnoreHostKey"),
        };
    }

    /// <summary>Reads the data of a Secret of a repository of charts, which may hold a certificate to show (<c>tlsClientCertData</c>, <c>tlsClientCertKey</c>) too.</summary>
    /// <exception cref="SourceException">As in <see cref="FromSecretData"/>, or the certificate is none.</exception>
    public static RepositoryCredentials OfCharts(IReadOnlyDictionary<string, string> data)
    {
        string[] ofCertificate = ["tlsClientCertData", "tlsClientCertKey"];
        var credentials = FromSecretData(data.Where(d => !ofCertificate.Contains(d.Key)).ToDictionary(StringComparer.Ordinal), null);
        return Value(data, ofCertificate[0]) is { } certificate && Value(data, ofCertificate[1]) is { } key
            ? credentials.With(TlsTrust.FromPem(null, certificate, key))
            : credentials;
    }

    /// <summary>A mask, never a value.</summary>
    public override string ToString() => "***";

    /// <summary>The header that git sends over http; null when there is none to send.</summary>
    internal string? AuthorizationHeader()
    {
        if (BearerToken is not null)
        {
            return "Authorization: Bearer " + BearerToken;
        }

        // Many servers take a token with any user name, so a password alone is enough.
        return Password is null ? null : "Authorization: Basic " + Base64Pair();
    }

    /// <summary>The text without any secret of these credentials.</summary>
    internal string Redact(string text)
    {
        foreach (var secret in (string?[])[BearerToken, Password is null ? null : Base64Pair(), Password, Password is null ? null : Uri.EscapeDataString(Password)])
        {
            text = secret is { Length: >= 4 } ? text.Replace(secret, "***", StringComparison.Ordinal) : text;
        }

        return text;
    }

    private static string? Value(IReadOnlyDictionary<string, string> data, string key) =>
        data.GetValueOrDefault(key) is { Length: > 0 } value ? value : null;

    private static bool IsTrue(IReadOnlyDictionary<string, string> data, string key) =>
        string.Equals(data.GetValueOrDefault(key), "true", StringComparison.OrdinalIgnoreCase);

    private string Base64Pair() => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{UserName ?? "git"}:{Password}"));
}
