using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Capstan.Oci.Content;
using Capstan.Oci.Manifests;
using Capstan.Oci.References;
using Capstan.OciClient.Blobs;
using Capstan.OciClient.Transport;

namespace Capstan.OciClient;

/// <summary>A manifest that was fetched and checked.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="MediaType">What it is.</param>
/// <param name="Content">Its bytes.</param>
public sealed record FetchedManifest(Digest Digest, string MediaType, ReadOnlyMemory<byte> Content)
{
    /// <summary>What it says.</summary>
    /// <exception cref="ManifestException">It cannot be used.</exception>
    public ManifestFacts Facts => ManifestFacts.Read(Content.Span, MediaType);
}

/// <summary>
/// The client of any OCI registry. All failures are <see cref="RegistryClientException"/>s. Whatever comes is checked against its digest before anybody sees its end.
/// </summary>
public sealed class RegistryClient : IDisposable
{
    private readonly HttpMessageInvoker _http;
    private readonly IRegistryBook _book;
    private readonly RegistryLimits _limits;
    private readonly RegistryTransport _transport;
    private readonly BlobPusher _pusher;

    /// <summary>Makes a client.</summary>
    /// <param name="handler">Connects; it must not follow redirects by itself. Stays the caller's.</param>
    /// <param name="book">How registries are reached.</param>
    /// <param name="time">The clock.</param>
    /// <param name="limits">How long and how much.</param>
    public RegistryClient(HttpMessageHandler handler, IRegistryBook book, TimeProvider time, RegistryLimits? limits = null)
    {
        _http = new HttpMessageInvoker(handler, disposeHandler: false);
        _book = book;
        _limits = limits ?? new RegistryLimits();
        _transport = new RegistryTransport(_http, _limits, time);
        _pusher = new BlobPusher(_transport, _limits, time);
    }

    /// <summary>What a reference points at now, without fetching more than its head where the registry allows; null when there is no such thing.</summary>
    public async Task<Descriptor?> ResolveAsync(ImageReference reference, CancellationToken cancellation)
    {
        try
        {
            return await OfMirrorsAsync(reference.Registry, async address =>
            {
                using var answer = await _transport.SendAsync(address, Pull(reference.Name), () => Manifest(HttpMethod.Head, address, reference), [HttpStatusCode.OK], cancellation).ConfigureAwait(false);
                if (answer.Headers.TryGetValues("Docker-Content-Digest", out var stated) && Digest.TryParse(stated.FirstOrDefault(), out var digest)
                    && answer.Content.Headers is { ContentLength: { } length, ContentType.MediaType: { } type } && (reference.Digest ?? digest) == digest)
                {
                    return new Descriptor { MediaType = type, Digest = digest.ToString(), Size = length };
                }

                var whole = await FetchManifestAsync(address, reference, cancellation).ConfigureAwait(false);
                return new Descriptor { MediaType = whole.MediaType, Digest = whole.Digest.ToString(), Size = whole.Content.Length };
            }, cancellation).ConfigureAwait(false);
        }
        catch (RegistryClientException e) when (e.Problem == RegistryProblem.NotFound)
        {
            return null;
        }
    }

    /// <summary>Fetches a manifest of any kind.</summary>
    public Task<FetchedManifest> GetManifestAsync(ImageReference reference, CancellationToken cancellation) =>
        OfMirrorsAsync(reference.Registry, address => FetchManifestAsync(address, reference, cancellation), cancellation);

    /// <summary>Fetches an image's manifest; of an index that of a platform.</summary>
    /// <param name="reference">Which.</param>
    /// <param name="platform">The platform; <c>linux/amd64</c> where none is given.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<FetchedManifest> GetImageAsync(ImageReference reference, Platform? platform, CancellationToken cancellation)
    {
        var manifest = await GetManifestAsync(reference, cancellation).ConfigureAwait(false);
        if (!MediaTypes.IsIndex(manifest.MediaType)) return manifest;
        var wanted = platform ?? new Platform { System = "linux", Architecture = "amd64" };
        var child = manifest.Facts.Children.FirstOrDefault(c => c.Platform is { } p && p.System == wanted.System && p.Architecture == wanted.Architecture && (wanted.Variant is null || p.Variant == wanted.Variant))
            ?? throw new RegistryClientException(RegistryProblem.NotFound, $"{reference}: has no image for {wanted}; it has {string.Join(", ", manifest.Facts.Children.Select(c => c.Platform).OfType<Platform>())}");
        return await GetManifestAsync(reference with { Digest = Digest.Parse(child.Digest) }, cancellation).ConfigureAwait(false);
    }

    /// <summary>Opens a blob. The stream fails at its end when what came is not what the descriptor says.</summary>
    public Stream OpenBlob(ImageReference repository, Descriptor blob, CancellationToken cancellation)
    {
        var digest = Digest.Parse(blob.Digest);
        return new BlobStream(digest, blob.Size, (from, stop) => OfMirrorsAsync(repository.Registry, address => OpenAsync(address, repository.Name, digest, from, stop), stop), repository.ToString());
    }

    /// <summary>Reads a small blob whole.</summary>
    /// <param name="repository">Where.</param>
    /// <param name="blob">Which.</param>
    /// <param name="maxBytes">The most that is read.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<byte[]> ReadBlobAsync(ImageReference repository, Descriptor blob, int maxBytes, CancellationToken cancellation)
    {
        if (blob.Size > maxBytes) throw new RegistryClientException(RegistryProblem.TooLarge, $"{repository}: the blob {blob.Digest} has {blob.Size:N0} bytes, more than the {maxBytes:N0} that are read");
        var stream = OpenBlob(repository, blob, cancellation);
        await using (stream.ConfigureAwait(false))
        {
            var content = new byte[blob.Size];
            await stream.ReadExactlyAsync(content, cancellation).ConfigureAwait(false);
            // Only at the end it is known to be right.
            _ = await stream.ReadAsync(new byte[1], cancellation).ConfigureAwait(false);
            return content;
        }
    }

    /// <summary>Whether a repository has a blob.</summary>
    public async Task<bool> HasBlobAsync(ImageReference repository, Digest digest, CancellationToken cancellation) =>
        await _pusher.HasAsync(await FindAsync(repository.Registry, cancellation).ConfigureAwait(false), repository.Name, digest, cancellation).ConfigureAwait(false);

    /// <summary>Pushes a blob unless it is there.</summary>
    /// <param name="repository">Where to.</param>
    /// <param name="blob">Digest and size.</param>
    /// <param name="open">Opens its content; called again when the push has to begin anew.</param>
    /// <param name="mountFrom">A repository of the same registry that may have it.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task PushBlobAsync(ImageReference repository, Descriptor blob, Func<Stream> open, ImageName? mountFrom, CancellationToken cancellation) =>
        await _pusher.PushAsync(await FindAsync(repository.Registry, cancellation).ConfigureAwait(false), repository.Name, blob, open, mountFrom, cancellation).ConfigureAwait(false);

    /// <summary>Pushes a small blob unless it is there.</summary>
    public async Task<Descriptor> PushBlobAsync(ImageReference repository, string mediaType, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        var blob = new Descriptor { MediaType = mediaType, Digest = Digest.Of(content.Span).ToString(), Size = content.Length };
        await PushBlobAsync(repository, blob, () => new MemoryStream(content.ToArray(), writable: false), null, cancellation).ConfigureAwait(false);
        return blob;
    }

    /// <summary>Pushes a manifest under the reference's tag, or by its digest where it has none. Where the registry keeps no referrers, the list of what refers to its subject is kept under a tag, as the specification says.</summary>
    public async Task<Descriptor> PushManifestAsync(ImageReference reference, string mediaType, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        var facts = ManifestFacts.Read(content.Span, mediaType);
        var digest = Digest.Of(content.Span);
        var address = await FindAsync(reference.Registry, cancellation).ConfigureAwait(false);
        using var answer = await _transport.SendAsync(address, Push(reference.Name), () =>
        {
            var body = new ByteArrayContent(content.ToArray());
            body.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
            return new HttpRequestMessage(HttpMethod.Put, new Uri(address.BaseUrl, $"/v2/{reference.Name}/manifests/{reference.Tag?.Text ?? digest.ToString()}")) { Content = body };
        }, [HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.Accepted], cancellation).ConfigureAwait(false);
        var pushed = new Descriptor { MediaType = mediaType, Digest = digest.ToString(), Size = content.Length, ArtifactType = facts.ArtifactType, Annotations = facts.Annotations };
        if (facts.Subject is { } subject && !answer.Headers.Contains("OCI-Subject")) await new ReferrersTag(this).AddAsync(reference, Digest.Parse(subject.Digest), pushed, cancellation).ConfigureAwait(false);
        return pushed;
    }

    /// <summary>Lists the tags of a repository, page by page.</summary>
    public async IAsyncEnumerable<string> ListTagsAsync(ImageReference repository, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var address = await FindAsync(repository.Registry, cancellation).ConfigureAwait(false);
        await foreach (var page in PagesAsync(address, repository.Name, $"/v2/{repository.Name}/tags/list?n=1000", cancellation).ConfigureAwait(false))
        {
            if (!page.TryGetProperty("tags", out var tags) || tags.ValueKind != JsonValueKind.Array) continue;
            foreach (var tag in tags.EnumerateArray().Select(Text).OfType<string>()) yield return tag;
        }
    }

    /// <summary>Lists what refers to a manifest, by the registry's list, or the tag that stands in for it.</summary>
    /// <param name="repository">Where.</param>
    /// <param name="subject">To which manifest.</param>
    /// <param name="artifactType">Of which kind only, if given.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<IReadOnlyList<Descriptor>> ListReferrersAsync(ImageReference repository, Digest subject, string? artifactType, CancellationToken cancellation)
    {
        var address = await FindAsync(repository.Registry, cancellation).ConfigureAwait(false);
        var found = new List<Descriptor>();
        try
        {
            var path = $"/v2/{repository.Name}/referrers/{subject}{(artifactType is null ? "" : "?artifactType=" + Uri.EscapeDataString(artifactType))}";
            await foreach (var page in PagesAsync(address, repository.Name, path, cancellation).ConfigureAwait(false))
            {
                found.AddRange(OciJson.Read(JsonSerializer.SerializeToUtf8Bytes(page, ElementJson.Default.JsonElement), OciJson.Index).Manifests);
            }
        }
        catch (RegistryClientException e) when (e.Problem is RegistryProblem.NotFound or RegistryProblem.Rejected)
        {
            found.AddRange(await new ReferrersTag(this).ListAsync(repository, subject, cancellation).ConfigureAwait(false));
        }

        return artifactType is null ? found : [.. found.Where(d => d.ArtifactType == artifactType)];
    }

    /// <summary>Deletes a tag or, by digest, a manifest.</summary>
    /// <returns>Whether it was there.</returns>
    public async Task<bool> DeleteAsync(ImageReference reference, CancellationToken cancellation)
    {
        var address = await FindAsync(reference.Registry, cancellation).ConfigureAwait(false);
        using var answer = await _transport.SendAsync(address, $"repository:{reference.Name}:delete", () => Manifest(HttpMethod.Delete, address, reference),
            [HttpStatusCode.Accepted, HttpStatusCode.OK, HttpStatusCode.NoContent, HttpStatusCode.NotFound], cancellation).ConfigureAwait(false);
        return answer.StatusCode != HttpStatusCode.NotFound;
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<FetchedManifest> FetchManifestAsync(RegistryAddress address, ImageReference reference, CancellationToken cancellation)
    {
        using var answer = await _transport.SendAsync(address, Pull(reference.Name), () => Manifest(HttpMethod.Get, address, reference), [HttpStatusCode.OK], cancellation).ConfigureAwait(false);
        var content = await BoundedBody.ReadAsync(answer.Content, _limits.MaxManifestBytes, reference.ToString(), cancellation).ConfigureAwait(false);
        var found = Digest.Of(content, reference.Digest?.Algorithm ?? DigestAlgorithm.Sha256);
        if (reference.Digest is { } wanted && wanted != found) throw new RegistryClientException(RegistryProblem.Corrupt, $"{reference}: what {address.Registry} sends is {found}");
        var type = answer.Content.Headers.ContentType?.MediaType;
        try
        {
            return new FetchedManifest(found, ManifestFacts.Read(content, type is "application/json" or "text/plain" ? null : type).MediaType, content);
        }
        catch (ManifestException e)
        {
            throw new RegistryClientException(RegistryProblem.Invalid, $"{reference}: is no manifest that can be used: {e.Message}", e);
        }
    }

    private async Task<Stream> OpenAsync(RegistryAddress address, ImageName name, Digest digest, long from, CancellationToken cancellation)
    {
        var answer = await _transport.SendAsync(address, Pull(name), () =>
        {
            var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address.BaseUrl, $"/v2/{name}/blobs/{digest}"));
            if (from > 0) request.Headers.Range = new RangeHeaderValue(from, null);
            return request;
        }, [HttpStatusCode.OK, HttpStatusCode.PartialContent], cancellation).ConfigureAwait(false);
        var body = await answer.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        if (answer.StatusCode == HttpStatusCode.OK && from > 0) await SkipAsync(body, from, cancellation).ConfigureAwait(false);
        return body;
    }

    private static async Task SkipAsync(Stream body, long count, CancellationToken cancellation)
    {
        var buffer = new byte[64 * 1024];
        while (count > 0)
        {
            var read = await body.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, count)), cancellation).ConfigureAwait(false);
            if (read == 0) throw new IOException("the connection ended early");
            count -= read;
        }
    }

    private async IAsyncEnumerable<JsonElement> PagesAsync(RegistryAddress address, ImageName name, string path, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var next = new Uri(address.BaseUrl, path);
        for (var pages = 0; next is not null; pages++)
        {
            if (pages * 10 > _limits.MostEntries) throw new RegistryClientException(RegistryProblem.TooLarge, $"{address.Registry}/{name}: the list does not end");
            var from = next;
            using var answer = await _transport.SendAsync(address, Pull(name), () => new HttpRequestMessage(HttpMethod.Get, from), [HttpStatusCode.OK], cancellation).ConfigureAwait(false);
            var body = await BoundedBody.ReadAsync(answer.Content, _limits.MaxManifestBytes, from.ToString(), cancellation).ConfigureAwait(false);
            JsonElement page;
            try
            {
                page = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 32 }).RootElement;
            }
            catch (JsonException e)
            {
                throw new RegistryClientException(RegistryProblem.Invalid, $"{address.Registry}/{name}: the list is no JSON", e);
            }

            yield return page;
            next = answer.Headers.TryGetValues("Link", out var links) && links.FirstOrDefault() is { } link && link.IndexOf('>', StringComparison.Ordinal) is var end and > 1
                ? new Uri(from, link[1..end])
                : null;
            if (next is not null && next.Authority != address.BaseUrl.Authority) throw new RegistryClientException(RegistryProblem.Refused, $"{address.Registry}/{name}: the next page lies on another host");
        }
    }

    // A mirror that has it not, or fails, is passed over; what it sends is checked like everything else.
    private async Task<T> OfMirrorsAsync<T>(string registry, Func<RegistryAddress, Task<T>> askAsync, CancellationToken cancellation)
    {
        var origin = await FindAsync(registry, cancellation).ConfigureAwait(false);
        foreach (var mirror in origin.Entry.Mirrors)
        {
            try
            {
                return await askAsync(await FindAsync(mirror, cancellation).ConfigureAwait(false)).ConfigureAwait(false);
            }
            catch (RegistryClientException)
            {
                continue;
            }
        }

        return await askAsync(origin).ConfigureAwait(false);
    }

    private async ValueTask<RegistryAddress> FindAsync(string registry, CancellationToken cancellation) => new(registry, await _book.FindAsync(registry, cancellation).ConfigureAwait(false));

    private static HttpRequestMessage Manifest(HttpMethod method, RegistryAddress address, ImageReference reference)
    {
        var request = new HttpRequestMessage(method, new Uri(address.BaseUrl, $"/v2/{reference.Name}/manifests/{reference.Version}"));
        foreach (var type in MediaTypes.Manifests) request.Headers.Accept.ParseAdd(type);
        return request;
    }

    // Half of a surrogate pair is no tag.
    private static string? Text(JsonElement tag)
    {
        try
        {
            return tag.ValueKind == JsonValueKind.String ? tag.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string Pull(ImageName name) => $"repository:{name}:pull";

    private static string Push(ImageName name) => BlobPusher.ScopeOf(name, null);
}
