using System.Globalization;
using System.Net;
using Capstan.Sources.Git.Urls;
using Capstan.Sources.Ssrf;

namespace Capstan.Sources.Git;

/// <summary>
/// What git needs to talk to one remote once: the one protocol that is allowed, credentials, and the address that was judged. Files
/// that git and ssh read live in a folder of its own until this is disposed of.
/// </summary>
internal sealed class GitConnection : IDisposable
{
    private readonly string? _files;

    private GitConnection(IReadOnlyList<(string, string)> configuration, IReadOnlyList<(string, string)> environment, string? files)
    {
        Configuration = configuration;
        Environment = environment;
        _files = files;
    }

    public IReadOnlyList<(string Key, string Value)> Configuration { get; }

    public IReadOnlyList<(string Name, string Value)> Environment { get; }

    /// <exception cref="SourceException">The remote may not be reached from here, or lacks what ssh needs.</exception>
    public static async Task<GitConnection> OpenAsync(GitRemote remote, AddressGuard guard, string scratchFolder, CancellationToken cancellation)
    {
        var url = remote.Url;
        if (url.Scheme == RepositoryScheme.File)
        {
            return remote.Registered
                ? new GitConnection([("protocol.file.allow", "always")], [], null)
                : throw new SourceException(SourceProblem.Refused, $"{url}: repositories on this machine's disk can be used only when an operator registers them");
        }

        var pinned = remote.Registered ? null : (await guard.ResolveAsync(url.Host, cancellation).ConfigureAwait(false))[0];
        return url.Scheme == RepositoryScheme.Ssh
            ? OpenSsh(remote, pinned, scratchFolder)
            : OpenHttp(remote, pinned, scratchFolder);
    }

    public void Dispose()
    {
        if (_files is not null)
        {
            Directory.Delete(_files, recursive: true);
        }
    }

    private static GitConnection OpenHttp(GitRemote remote, IPAddress? pinned, string scratchFolder)
    {
        var url = remote.Url;
        var configuration = new List<(string, string)> { ($"protocol.{(url.Scheme == RepositoryScheme.Https ? "https" : "http")}.allow", "always") };
        if (pinned is not null)
        {
            configuration.Add(("http.curloptResolve", string.Create(CultureInfo.InvariantCulture, $"{url.Host}:{url.EffectivePort}:{Bracketed(pinned)}")));
            configuration.Add(("http.proxy", ""));
        }

        if (remote.Credentials.AuthorizationHeader() is { } header)
        {
            configuration.Add(("http.extraHeader", header));
        }

        if (remote.Credentials.Insecure)
        {
            configuration.Add(("http.sslVerify", "false"));
        }

        string? folder = null;
        if (remote.CertificateAuthorities is { } certificates)
        {
            folder = NewFolder(scratchFolder);
            WritePrivate(Path.Combine(folder, "certificates.pem"), certificates.TrimEnd() + "\n");
            configuration.Add(("http.sslCAInfo", Path.Combine(folder, "certificates.pem")));
        }

        return new GitConnection(configuration, remote.Registered ? ProxyEnvironment() : [], folder);
    }

    private static GitConnection OpenSsh(GitRemote remote, IPAddress? pinned, string scratchFolder)
    {
        var credentials = remote.Credentials;
        if (credentials.SshPrivateKey is null)
        {
            throw new SourceException(SourceProblem.AuthenticationFailed, $"{remote.Url}: ssh needs a private key; give one as sshPrivateKey in the repository's Secret");
        }

        if (credentials.KnownHosts is null && !credentials.Insecure)
        {
            throw new SourceException(SourceProblem.AuthenticationFailed, $"{remote.Url}: no host key is known for {remote.Url.Host}; add its line to ssh_known_hosts in the ConfigMap argocd-ssh-known-hosts-cm");
        }

        var folder = NewFolder(scratchFolder);
        WritePrivate(Path.Combine(folder, "key"), credentials.SshPrivateKey.TrimEnd() + "\n");
        WritePrivate(Path.Combine(folder, "known_hosts"), (credentials.KnownHosts ?? "").TrimEnd() + "\n");
        WritePrivate(Path.Combine(folder, "config"), SshConfiguration(remote, pinned, folder));
        var command = $"ssh -F '{Path.Combine(folder, "config").Replace("'", "'\\''", StringComparison.Ordinal)}'";
        return new GitConnection([("protocol.ssh.allow", "always")], [("GIT_SSH_COMMAND", command), ("GIT_SSH_VARIANT", "ssh")], folder);
    }

    private static string SshConfiguration(GitRemote remote, IPAddress? pinned, string folder)
    {
        var lines = new List<string>
        {
            "Host *",
            $"IdentityFile \"{Path.Combine(folder, "key")}\"",
            "IdentitiesOnly yes",
            "IdentityAgent none",
            $"UserKnownHostsFile \"{Path.Combine(folder, "known_hosts")}\"",
            "GlobalKnownHostsFile /dev/null",
            "StrictHostKeyChecking " + (remote.Credentials.Insecure ? "no" : "yes"),
            "BatchMode yes",
            "PermitLocalCommand no",
            "ProxyCommand none",
            "ProxyJump none",
            "ForwardAgent no",
            "ConnectTimeout 15",
            "ServerAliveInterval 15",
            "ServerAliveCountMax 4",
        };
        if (pinned is not null)
        {
            lines.Add($"HostName {pinned}");
            lines.Add($"HostKeyAlias {remote.Url.Host}");
        }

        return string.Join('\n', lines) + "\n";
    }

    private static string Bracketed(IPAddress address) => address.ToString().Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address.ToString();

    private static List<(string, string)> ProxyEnvironment() =>
    [
        .. ((string[])["https_proxy", "http_proxy", "no_proxy", "HTTPS_PROXY", "NO_PROXY"])
            .Select(name => (name, System.Environment.GetEnvironmentVariable(name) ?? ""))
            .Where(pair => pair.Item2.Length > 0),
    ];

    private static string NewFolder(string scratchFolder)
    {
        var folder = Path.Combine(scratchFolder, "call-" + Guid.NewGuid().ToString("N"));
        _ = OperatingSystem.IsWindows()
            ? Directory.CreateDirectory(folder)
            : Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return folder;
    }

    private static void WritePrivate(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(path, options);
        writer.Write(text);
    }
}
