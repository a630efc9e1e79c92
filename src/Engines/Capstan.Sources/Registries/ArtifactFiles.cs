using System.Collections.Concurrent;
using System.Text;
using Capstan.Oci.Manifests;
using Capstan.Oci.References;
using Capstan.OciClient;
using Capstan.Sources.Http;
using Capstan.Sources.Ssrf;

namespace Capstan.Sources.Registries;

/// <summary>
/// Artifacts of OCI registries: fetched once, kept by their content. When a registry cannot be reached, what is here is used. Safe for
/// several threads and processes.
/// </summary>
public sealed class ArtifactFiles : IDisposable
{
    private const int MostAnswers = 4096;
    private const int MostLayers = 64;

    private static readonly TimeSpan Forever = TimeSpan.FromDays(3650);

    private readonly ContentStore _store;
    private readonly TimeProvider _time;
    private readonly HttpLimits _limits;
    private readonly ArtifactConnections _connections;
    private readonly KeyedGate _gate = new();
    private readonly ConcurrentDictionary<string, (long At, StoredFile File)> _asked = new(StringComparer.Ordinal);

    /// <summary>Opens the store.</summary>
    /// <param name="folder">Where files are kept; <see cref="RepositoryFiles"/> may use the same folder.</param>
    /// <param name="guard">Judges the addresses of registries that no operator registered.</param>
    /// <param name="time">The clock.</param>
    /// <param name="own">Registries of this installation, by host and port: trusted, and asked with the credential given here.</param>
    /// <param name="limits">Limits; the defaults when null.</param>
    public ArtifactFiles(string folder, AddressGuard guard, TimeProvider time, IReadOnlyDictionary<string, RegistryEntry>? own = null, HttpLimits? limits = null)
    {
        (_time, _limits) = (time, limits ?? new HttpLimits());
        _store = new ContentStore(Path.GetFullPath(folder), _limits.StoreBytes);
        _connections = new ArtifactConnections(guard, own ?? new Dictionary<string, RegistryEntry>(), time);
    }

    /// <summary>The tags of a repository.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="maxAge">How old the answer may be; zero asks the registry.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="SourceException">They are neither there nor here.</exception>
    public async Task<IReadOnlyList<string>> TagsAsync(ArtifactRepository repository, TimeSpan maxAge, CancellationToken cancellation)
    {
        var reference = Parse(repository.Name);
        var file = await CurrentAsync(repository, $"oci://{repository.Name} tags", maxAge, async stop =>
        {
            var list = new StringBuilder();
            await foreach (var tag in _connections.Of(repository, reference.Registry).ListTagsAsync(reference, stop).ConfigureAwait(false))
            {
                list.Append(tag).Append('\n');
            }

            return await KeepAsync(Encoding.UTF8.GetBytes(list.ToString()), repository.Name, stop).ConfigureAwait(false);
        }, cancellation).ConfigureAwait(false);
        return await File.ReadAllLinesAsync(file.Path, cancellation).ConfigureAwait(false);
    }

    /// <summary>Fetches an artifact with those layers that are wanted.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="version">A tag, or a digest: with a digest nothing is asked when the artifact is here.</param>
    /// <param name="wanted">Whether a layer of a media type is fetched.</param>
    /// <param name="maxAge">How old the knowledge of a tag may be; zero asks the registry.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="SourceException">It is neither there nor here.</exception>
    public async Task<StoredArtifact> FetchAsync(ArtifactRepository repository, string version, Func<string, bool> wanted, TimeSpan maxAge, CancellationToken cancellation)
    {
        var isDigest = version.Contains(':', StringComparison.Ordinal);
        var reference = Parse(repository.Name + (isDigest ? "@" : ":") + version);
        var client = _connections.Of(repository, reference.Registry);
        var file = await CurrentAsync(repository, $"oci://{reference}", isDigest ? Forever : maxAge, async stop =>
            await KeepAsync((await client.GetManifestAsync(reference, stop).ConfigureAwait(false)).Content, reference.ToString(), stop).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        var manifest = Manifest(await File.ReadAllBytesAsync(file.Path, cancellation).ConfigureAwait(false), reference);
        var layers = new List<StoredLayer>();
        foreach (var layer in manifest.Layers.Where(l => wanted(l.MediaType)).Take(MostLayers))
        {
            layers.Add(new StoredLayer(layer.MediaType, await LayerAsync(client, repository, reference, layer, cancellation).ConfigureAwait(false)));
        }

        return new StoredArtifact("sha256:" + file.Sha256, manifest.Config.MediaType, layers);
    }

    /// <summary>Asks the registry at the next use.</summary>
    public void Forget(ArtifactRepository repository)
    {
        foreach (var key in _asked.Keys.Where(k => k.Contains($" oci://{repository.Name}", StringComparison.Ordinal)))
        {
            _asked.TryRemove(key, out _);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _connections.Dispose();

    private Task<StoredFile> LayerAsync(RegistryClient client, ArtifactRepository repository, ImageReference reference, Descriptor layer, CancellationToken cancellation)
    {
        var hash = layer.Digest.StartsWith("sha256:", StringComparison.Ordinal) ? layer.Digest["sha256:".Length..] : "";
        return _gate.EnterAsync($"{Key(repository)} {layer.Digest}", () => TimedAsync(reference.ToString(), async stop =>
        {
            var content = client.OpenBlob(reference, layer, stop);
            await using (content.ConfigureAwait(false))
            {
                return await _store.AddAsync(content, _limits.FileBytes, reference.ToString(), stop).ConfigureAwait(false);
            }
        }, cancellation), cancellation, () => _store.Find(hash));
    }

    private Task<StoredFile> CurrentAsync(ArtifactRepository repository, string what, TimeSpan maxAge, Func<CancellationToken, Task<StoredFile>> ask, CancellationToken cancellation)
    {
        var key = $"{Key(repository)} {what}";
        return _gate.EnterAsync(key, async () =>
        {
            // What needs no credentials outlives the process; what does is asked for again.
            var isOpen = repository.Credentials.Identity.Length == 0;
            var note = isOpen ? _store.Note(what)?.File : null;
            try
            {
                if (maxAge == Forever && note is not null)
                {
                    return note;
                }

                var fresh = await TimedAsync(what, ask, cancellation).ConfigureAwait(false);
                if (isOpen)
                {
                    _store.Remember(what, new UrlNote(fresh, "", ""));
                }

                if (_asked.Count > MostAnswers)
                {
                    _asked.Clear();
                }

                _asked[key] = (_time.GetTimestamp(), fresh);
                return fresh;
            }
            catch (SourceException error) when (error.IsTransient && (Held(key) ?? note) is { } held)
            {
                return held;
            }
        }, cancellation, () => _asked.TryGetValue(key, out var recent) && _time.GetElapsedTime(recent.At) < maxAge ? Held(key) : null);
    }

    private StoredFile? Held(string key) => _asked.TryGetValue(key, out var known) && File.Exists(known.File.Path) ? known.File : null;

    private async Task<StoredFile> TimedAsync(string what, Func<CancellationToken, Task<StoredFile>> get, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(_limits.Time, _time);
        using var joined = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timer.Token);
        try
        {
            return await get(joined.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (timer.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new SourceException(SourceProblem.TimedOut, $"{what}: no whole answer within {_limits.Time.TotalSeconds:0} s", error);
        }
        catch (RegistryClientException error)
        {
            throw Failure(error);
        }
        catch (HttpRequestException error)
        {
            throw error.InnerException as SourceException ?? new SourceException(SourceProblem.Unreachable, $"{what}: {error.InnerException?.Message ?? error.Message}", error);
        }
    }

    private async Task<StoredFile> KeepAsync(ReadOnlyMemory<byte> content, string what, CancellationToken cancellation)
    {
        using var stream = new MemoryStream(content.ToArray(), writable: false);
        return await _store.AddAsync(stream, _limits.FileBytes, what, cancellation).ConfigureAwait(false);
    }

    // Who has other credentials may be given other content, and must not see what was given to us.
    private static string Key(ArtifactRepository repository) =>
        $"{ArtifactConnections.KeyOf(repository.Credentials)}{(repository.Registered ? "+" : "-")}{(repository.PlainHttp ? "http" : "")}";

    private static ImageReference Parse(string text) => ImageReference.TryParse(text, out var reference)
        ? reference
        : throw new SourceException(SourceProblem.Invalid, $"oci://{text}: REGISTRY/REPOSITORY in lower case is wanted, and a version of letters, digits, dots, dashes and underscores");

    private static ImageManifest Manifest(byte[] content, ImageReference reference)
    {
        try
        {
            return MediaTypes.IsImage(ManifestFacts.Read(content, null).MediaType)
                ? OciJson.Read(content, OciJson.Manifest)
                : throw new SourceException(SourceProblem.Invalid, $"{reference}: is a list of images for several platforms, and no artifact");
        }
        catch (ManifestException error)
        {
            throw new SourceException(SourceProblem.Invalid, $"{reference}: {error.Message}", error);
        }
    }

    // The cause may be a judgement of the address, which says more.
    private static SourceException Failure(RegistryClientException error)
    {
        for (var cause = error.InnerException; cause is not null; cause = cause.InnerException)
        {
            if (cause is SourceException own)
            {
                return own;
            }
        }

        return error.Problem switch
        {
            RegistryProblem.AuthenticationFailed or RegistryProblem.Denied => new(SourceProblem.AuthenticationFailed,
                error.Message, error),
            RegistryProblem.NotFound => new(SourceProblem.RevisionNotFound, error.Message, error),
            RegistryProblem.Unreachable => new(SourceProblem.Unreachable, error.Message, error),
            RegistryProblem.TimedOut => new(SourceProblem.TimedOut, error.Message, error),
            RegistryProblem.TooLarge => new(SourceProblem.TooLarge, error.Message, error),
            RegistryProblem.Corrupt => new(SourceProblem.Corrupt, error.Message, error),
            RegistryProblem.Refused => new(SourceProblem.Refused, error.Message, error),
            _ => new(SourceProblem.Invalid, error.Message, error),
        };
    }
}
