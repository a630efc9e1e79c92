using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Capstan.GitHost.Protocol;

/// <summary>
/// Takes a request in whole before git sees any of it: a push that is cut off, lies about its length or is badly compressed changes
/// nothing, and a slow client keeps nobody waiting. Small bodies stay in memory, larger ones go to a file that has no name.
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

        Stream kept = new MemoryStream();
        try
        {
            var source = encoding is "" or "identity" ? request.Body : new GZipStream(request.Body, CompressionMode.Decompress, leaveOpen: true);
            kept = await CopyAsync(source, kept, maxBytes, folder, cancellation).ConfigureAwait(false);
            if (encoding is "gzip" or "x-gzip" && kept.Length == 0)
            {
                throw new GitHostException(GitHostProblem.BadRequest, "the compressed request is empty");
            }

            kept.Position = 0;
            return kept;
        }
        catch (Exception failure)
        {
            await kept.DisposeAsync().ConfigureAwait(false);
            throw Explain(failure, maxBytes) ?? failure;
        }
    }

    private static async Task<Stream> CopyAsync(Stream source, Stream kept, long maxBytes, string folder, CancellationToken cancellation)
    {
        var buffer = new byte[BufferBytes];
        int read;
        while ((read = await source.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            if (kept.Length + read > maxBytes)
            {
                throw TooLarge(maxBytes);
            }

            if (kept is MemoryStream memory && memory.Length + read > KeptInMemory)
            {
                kept = OpenFile(folder);
                memory.WriteTo(kept);
                await memory.DisposeAsync().ConfigureAwait(false);
            }

            await kept.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
        }

        return kept;
    }

    private static FileStream OpenFile(string folder) => new(Path.Combine(folder, Guid.NewGuid().ToString("N")), new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.ReadWrite,
        Share = FileShare.None,
        Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous | FileOptions.SequentialScan,
        BufferSize = 0,
    });

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
