namespace Capstan.Helm.Repositories;

/// <summary>
/// Reads the files of chart repositories. Whoever binds it owns the network: which hosts may be asked, with which credentials, limits and
/// cache. Its failures are its own exceptions.
/// </summary>
public interface IRepositoryFiles
{
    /// <summary>A repository's <c>index.yaml</c>.</summary>
    /// <param name="repository">The repository's URL as it was written.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<RepositoryFile> IndexAsync(string repository, CancellationToken cancellation);

    /// <summary>An archive, or its provenance.</summary>
    /// <param name="repository">The repository whose index names it.</param>
    /// <param name="url">Where it is; not always on the repository's host.</param>
    /// <param name="sha256">What the index says of its content, in hexadecimal; empty when it says nothing. A file of that content need not be fetched.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<RepositoryFile> FileAsync(string repository, string url, string sha256, CancellationToken cancellation);
}

/// <summary>A file of a repository.</summary>
/// <param name="Sha256">The hash of its content, in hexadecimal.</param>
/// <param name="Open">Opens it; may be called more than once.</param>
public sealed record RepositoryFile(string Sha256, Func<Stream> Open)
{
    /// <summary>The whole content.</summary>
    /// <param name="maxBytes">The most that is read.</param>
    /// <exception cref="Charts.ChartException">It is larger.</exception>
    internal ReadOnlyMemory<byte> ReadAll(long maxBytes)
    {
        using var stream = Open();
        if (stream.Length > maxBytes)
        {
            throw new Charts.ChartException($"the file has {stream.Length:N0} bytes, more than the {maxBytes:N0} allowed");
        }

        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
