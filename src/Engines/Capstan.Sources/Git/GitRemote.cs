using Capstan.Sources.Git.Urls;

namespace Capstan.Sources.Git;

/// <summary>A repository and how it may be reached.</summary>
/// <param name="Url">Where it is.</param>
public sealed record GitRemote(RepositoryUrl Url)
{
    /// <summary>What is shown to the server.</summary>
    public RepositoryCredentials Credentials { get; init; } = RepositoryCredentials.None;

    /// <summary>
    /// Whether the operator registered it. Other addresses come from what tenants write: they may name neither files nor addresses inside
    /// the network (<see cref="Ssrf.AddressGuard"/>).
    /// </summary>
    public bool Registered { get; init; }

    /// <summary>Certificates (PEM) that an https server is believed by, in place of the machine's own list; null for that list.</summary>
    public string? CertificateAuthorities { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Url.Text;
}

/// <summary>A branch or tag that moved, came or went.</summary>
/// <param name="Ref">The full name, such as <c>refs/heads/main</c>.</param>
/// <param name="Old">The commit before; null when it is new.</param>
/// <param name="New">The commit now; null when it is gone.</param>
public sealed record RefUpdate(string Ref, string? Old, string? New);

/// <summary>The repositories that this process hosts itself: they are read where they lie, never fetched.</summary>
public interface ILocalRepositories
{
    /// <summary>The folder of the bare repository that an address names; null when the address is not of this host or the repository is not there.</summary>
    string? PathOf(RepositoryUrl url);

    /// <summary>Told after a commit was written to a hosted repository from inside.</summary>
    ValueTask ChangedAsync(RepositoryUrl url, RefUpdate update, CancellationToken cancellation);
}
