using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Capstan.GitHost.Protocol;

/// <summary>
/// Takes a request in whole before git sees any of it: a push that is cut off, lies about its length or is badly compressed changes
/// nothing, and a slow client keeps nobody waiting. Small bodies stay in memory, larger ones go to a file.
/// </summary>
internal static class RequestBody
{
    private const int KeptInMemory = 1 << 20;
    private const int BufferBytes = 64 * 1024;

    /// <exception cref="GitHostException">It is too large, cut off, or encoded in a way that is not served.</exception>
    public static async Task<Stream> ReceiveAsync(HttpRequest request, long maxBytes, string folder, CancellationToken cancellation)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = maxBytes;
        }

        if (request.ContentLength > maxBytes)
        {
            throw TooLarge(maxBytes);
        }

        var encoding = request.Headers.ContentEncoding.ToString();
        if (encoding is not ("" or "identity" or "gzip" or "x-gzip"))
        {
            throw new GitHostException(GitHostProblem.BadRequest, "the request has a Content-Encoding that is not served; use gzip or none");
        }

        var spool = new Spool(folder);
        try
        {
            var compressed = encoding is "" or "identity" ? null : new GzipTail(request.Body);
            Stream source = compressed is null ? request.Body : new GZipStream(compressed, CompressionMode.Decompress, leaveOpen: true);
            await CopyAsync(source, spool, maxBytes, cancellation).ConfigureAwait(false);
            if (compressed?.Promises(spool.Content.Length) == false)
            {
                throw new InvalidDataException("the length at the end is not that of the content");
            }

            spool.Content.Position = 0;
            return spool.Content;
        }
        catch (Exception failure)
        {
            await spool.Content.DisposeAsync().ConfigureAwait(false);
            throw Explain(failure, maxBytes) ?? failure;
        }
    }

    private static async Task CopyAsync(Stream source, Spool spool, long maxBytes, CancellationToken cancellation)
    {
        var buffer = new byte[BufferBytes];
        int read;
        while ((read = await source.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            if (spool.Content.Length + read > maxBytes)
            {
                throw TooLarge(maxBytes);
            }

            await spool.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
        }
    }

    // In memory while it is small; its own folder holds it once it is not, in a file that goes when it is closed.
    private sealed class Spool(string folder)
    {
        public Stream Content { get; private set; } = new MemoryStream();

        public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
        {
            if (Content is MemoryStream memory && memory.Length + bytes.Length > KeptInMemory)
            {
                Content = OpenFile(folder);
                await Content.WriteAsync(memory.GetBuffer().AsMemory(0, (int)memory.Length), cancellation).ConfigureAwait(false);
            }

            await Content.WriteAsync(bytes, cancellation).ConfigureAwait(false);
        }

        private static FileStream OpenFile(string folder) => new(Path.Combine(folder, Guid.NewGuid().ToString("N")), new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous | FileOptions.SequentialScan,
            BufferSize = 0,
        });
    }

    private static GitHostException? Explain(Exception failure, long maxBytes) => failure switch
    {
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => TooLarge(maxBytes),
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } => new GitHostException(GitHostProblem.BadRequest, "the request came too slowly"),
        BadHttpRequestException => new GitHostException(GitHostProblem.BadRequest, "the request was cut off"),
        InvalidDataException => new GitHostException(GitHostProblem.BadRequest, "the compressed request is damaged or cut off"),
        _ => null,
    };

    private static GitHostException TooLarge(long maxBytes) =>
        new(GitHostProblem.TooLarge, $"the request is larger than the {maxBytes:N0} bytes allowed");
}
