using Capstan.Sources.Git;

namespace Capstan.Sources.Http;

/// <summary>A repository of files behind HTTP, and how we may ask it.</summary>
/// <param name="Url">Its address.</param>
public sealed record HttpRepository(string Url)
{
    /// <summary>Whether an operator registered it, so that it may lie inside the network.</summary>
    public bool Registered { get; init; }

    /// <summary>How we show who we are. They go to this repository's host only, unless <see cref="PassCredentials"/>.</summary>
    public RepositoryCredentials Credentials { get; init; } = RepositoryCredentials.None;

    /// <summary>Whether credentials go to other hosts too that the repository's index names.</summary>
    public bool PassCredentials { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Url;
}

/// <summary>A file that is on this disk.</summary>
/// <param name="Sha256">The hash of its content, in hexadecimal.</param>
/// <param name="Path">Where it is.</param>
public sealed record StoredFile(string Sha256, string Path);

/// <summary>How much time and room repositories of files may take.</summary>
public sealed record HttpLimits
{
    /// <summary>The longest that one file may take: two minutes.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The most bytes of one file: 256 MiB.</summary>
    public long FileBytes { get; init; } = 256L << 20;

    /// <summary>The most bytes that are kept on disk: 4 GiB. The least recently used go first.</summary>
    public long StoreBytes { get; init; } = 4L << 30;
}
