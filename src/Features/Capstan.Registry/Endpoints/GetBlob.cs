using System.Buffers;
using Capstan.Oci.Content;
using Microsoft.AspNetCore.Http;
using Microsoft.Win32.SafeHandles;

namespace Capstan.Registry.Endpoints;

/// <summary><c>GET</c> and <c>HEAD /v2/NAME/blobs/DIGEST</c> (end-2), whole or one range of it</summary>
internal static class GetBlob
{
    private const int CopyBytes = 256 * 1024;

    public static async Task ServeAsync(RegistryVisit visit)
    {
        var digest = visit.DigestOfPath();
        if (HttpMethods.IsHead(visit.Http.Request.Method) && visit.May(visit.Name, Tokens.RegistryAction.Push))
        {
            // Who may push and is told that it is here counts on it when the manifest comes.
            await visit.Store.Blobs.TouchAsync(visit.Name, digest, visit.Cancellation).ConfigureAwait(false);
        }

        using var file = Open(visit, digest);
        var size = RandomAccess.GetLength(file);
        var response = visit.Http.Response;
        visit.TellDigest(digest);
        response.Headers.AcceptRanges = "bytes";
        response.Headers.CacheControl = "max-age=31536000, immutable";
        if (visit.IsKnown(digest)) return;
        if (!ByteRange.TryRead(visit.Http.Request.Headers.Range.FirstOrDefault(), size, out var range))
        {
            response.Headers.ContentRange = $"bytes */{size}";
            throw new RegistryException(416, Oci.Errors.RegistryErrorCode.SizeInvalid, $"no byte of the blob lies in this range; it has {size} bytes");
        }

        var (start, length) = (range?.Start ?? 0, range?.Length ?? size);
        if (range is not null)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = $"bytes {start}-{start + length - 1}/{size}";
        }

        response.ContentType = "application/octet-stream";
        response.ContentLength = length;
        if (HttpMethods.IsGet(visit.Http.Request.Method)) await CopyAsync(file, start, length, response.Body, visit.Cancellation).ConfigureAwait(false);
    }

    private static SafeFileHandle Open(RegistryVisit visit, Digest digest)
    {
        try
        {
            if (visit.Store.Blobs.IsLinked(visit.Name, digest)) return File.OpenHandle(visit.Store.Folders.Blob(digest), options: FileOptions.SequentialScan);
        }
        catch (FileNotFoundException)
        {
            // Collected between the look and the opening.
        }

        throw RegistryException.BlobUnknown(visit.Name, digest);
    }

    private static async Task CopyAsync(SafeFileHandle file, long start, long length, Stream body, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(CopyBytes, Math.Max(length, 1)));
        try
        {
            for (var end = start + length; start < end;)
            {
                var read = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - start)), start);
                if (read == 0) throw new IOException("the blob ended early");
                await body.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
                start += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
