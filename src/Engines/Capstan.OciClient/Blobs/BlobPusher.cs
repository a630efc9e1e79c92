using System.Net;
using System.Net.Http.Headers;
using Capstan.Oci.Content;
using Capstan.Oci.Manifests;
using Capstan.Oci.References;
using Capstan.OciClient.Transport;

namespace Capstan.OciClient.Blobs;

/// <summary>Pushes blobs: looks whether it is there, mounts it where another repository has it, else POST and PUT.</summary>
internal sealed class BlobPusher(RegistryTransport transport, RegistryLimits limits, TimeProvider time)
{
    public static string ScopeOf(ImageName name, ImageName? from) => $"repository:{name}:pull,push{(from is null || from == name ? "" : $" repository:{from}:pull")}";

    public async Task<bool> HasAsync(RegistryAddress registry, ImageName name, Digest digest, CancellationToken cancellation)
    {
        using var answer = await transport.SendAsync(registry, ScopeOf(name, null),
            () => new HttpRequestMessage(HttpMethod.Head, new Uri(registry.BaseUrl, $"/v2/{name}/blobs/{digest}")), [HttpStatusCode.OK, HttpStatusCode.NotFound], cancellation).ConfigureAwait(false);
        return answer.StatusCode == HttpStatusCode.OK;
    }

    public async Task PushAsync(RegistryAddress registry, ImageName name, Descriptor blob, Func<Stream> open, ImageName? from, CancellationToken cancellation)
    {
        var digest = Digest.Parse(blob.Digest);
        var scope = ScopeOf(name, from);
        var pause = limits.FirstPause;
        for (var attempt = 1; ; attempt++)
        {
            // Also after a try that broke off: the registry may have taken all of it before.
            if (await HasAsync(registry, name, digest, cancellation).ConfigureAwait(false)) return;
            if (await BeginAsync(registry, name, digest, from, scope, cancellation).ConfigureAwait(false) is not { } session) return;
            try
            {
                await PutAsync(registry, scope, Finish(session, digest), blob, open, cancellation).ConfigureAwait(false);
                return;
            }
            catch (RegistryClientException e) when (e.IsTransient && attempt < limits.Attempts)
            {
                await Task.Delay(pause * (0.5 + Random.Shared.NextDouble()), time, cancellation).ConfigureAwait(false);
                pause *= 2;
            }
        }
    }

    // Null when it was mounted.
    private async Task<Uri?> BeginAsync(RegistryAddress registry, ImageName name, Digest digest, ImageName? from, string scope, CancellationToken cancellation)
    {
        var query = from is null ? "" : $"?mount={Uri.EscapeDataString(digest.ToString())}&from={Uri.EscapeDataString(from.Text)}";
        using var answer = await transport.SendAsync(registry, scope, () => new HttpRequestMessage(HttpMethod.Post, new Uri(registry.BaseUrl, $"/v2/{name}/blobs/uploads/{query}")) { Content = new ByteArrayContent([]) },
            [HttpStatusCode.Accepted, HttpStatusCode.Created], cancellation).ConfigureAwait(false);
        if (answer.StatusCode == HttpStatusCode.Created) return null;
        var location = answer.Headers.Location is { } said ? new Uri(registry.BaseUrl, said)
            : throw new RegistryClientException(RegistryProblem.Invalid, $"{registry.Registry}: begins an upload and does not say where");
        return location.Scheme == registry.BaseUrl.Scheme || location.Scheme == Uri.UriSchemeHttps ? location
            : throw new RegistryClientException(RegistryProblem.Refused, $"{registry.Registry}: wants the blob sent to {location.Host} without TLS");
    }

    // Tried once in a session: what a broken-off try left there would stand before the next.
    private async Task PutAsync(RegistryAddress registry, string scope, Uri target, Descriptor blob, Func<Stream> open, CancellationToken cancellation)
    {
        using var answer = await transport.SendAsync(registry, scope, () =>
        {
            var body = new StreamContent(open());
            body.Headers.ContentLength = blob.Size;
            body.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            return new HttpRequestMessage(HttpMethod.Put, target) { Content = body };
        }, [HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.NoContent], cancellation, once: true).ConfigureAwait(false);
    }

    private static Uri Finish(Uri session, Digest digest) =>
        new(session + (session.Query.Length > 0 ? "&" : "?") + "digest=" + Uri.EscapeDataString(digest.ToString()));
}
