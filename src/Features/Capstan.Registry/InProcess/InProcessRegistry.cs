using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Capstan.Registry.InProcess;

/// <summary>
/// The registry for clients of the same process: what they send goes to the same operations, with the same credentials and rights, and over no socket.
/// Answers that are large wait in a temporary file, not in memory.
/// </summary>
/// <param name="endpoints">The registry.</param>
public sealed class InProcessRegistry(RegistryEndpoints endpoints) : HttpMessageHandler
{
    private const int MostInMemory = 1 << 20;

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var http = new DefaultHttpContext { RequestAborted = cancellationToken };
        await WriteRequestAsync(request, http.Request, cancellationToken).ConfigureAwait(false);
        var body = new FileBufferingWriteStream(MostInMemory, tempFileDirectoryAccessor: () => endpoints.Drafts);
        try
        {
            http.Response.Body = body;
            await endpoints.ServeAsync(http).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return await ReadResponseAsync(request, http.Response, body, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await body.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static async Task WriteRequestAsync(HttpRequestMessage from, HttpRequest to, CancellationToken cancellation)
    {
        var address = from.RequestUri!;
        to.Method = from.Method.Method;
        to.Scheme = address.Scheme;
        to.Host = new HostString(address.Authority);
        to.Path = new PathString(address.AbsolutePath);
        to.QueryString = new QueryString(address.Query);
        foreach (var (name, values) in from.Headers) to.Headers[name] = values.ToArray();
        if (from.Content is null) return;
        foreach (var (name, values) in from.Content.Headers) to.Headers[name] = values.ToArray();
        to.Body = await from.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> ReadResponseAsync(HttpRequestMessage request, HttpResponse from, FileBufferingWriteStream body, CancellationToken cancellation)
    {
        Stream content;
        if (body.Length <= MostInMemory)
        {
            content = new MemoryStream();
            await body.DrainBufferAsync(content, cancellation).ConfigureAwait(false);
        }
        else
        {
            content = new FileStream(Path.Combine(endpoints.Drafts, Guid.NewGuid().ToString("N")), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 81920, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
            await body.DrainBufferAsync(content, cancellation).ConfigureAwait(false);
        }

        content.Position = 0;
        var answer = new HttpResponseMessage((System.Net.HttpStatusCode)from.StatusCode) { RequestMessage = request, Content = new StreamContent(content) };
        foreach (var (name, values) in from.Headers)
        {
            if (!answer.Headers.TryAddWithoutValidation(name, values.AsEnumerable())) answer.Content.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
        }

        return answer;
    }
}
