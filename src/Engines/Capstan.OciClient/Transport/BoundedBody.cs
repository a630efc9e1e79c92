namespace Capstan.OciClient.Transport;

/// <summary>Reads bodies that have a limit.</summary>
internal static class BoundedBody
{
    /// <exception cref="RegistryClientException">It is larger than allowed.</exception>
    public static async Task<byte[]> ReadAsync(HttpContent content, int limit, string where, CancellationToken cancellation)
    {
        if (content.Headers.ContentLength > limit) throw TooLarge(limit, where);
        using var body = await content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        var buffer = new MemoryStream();
        var piece = new byte[16 * 1024];
        int read;
        while ((read = await body.ReadAsync(piece, cancellation).ConfigureAwait(false)) > 0)
        {
            if (buffer.Length + read > limit) throw TooLarge(limit, where);
            buffer.Write(piece, 0, read);
        }

        return buffer.ToArray();
    }

    private static RegistryClientException TooLarge(int limit, string where) => new(RegistryProblem.TooLarge, $"{where}: the answer is larger than the {limit:N0} bytes that are read");
}
