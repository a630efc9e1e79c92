using Microsoft.AspNetCore.Http;

namespace Capstan.GitHost.Protocol;

/// <summary>Passes git's answer to a push on, and goes on reading when the client has gone: a git that cannot tell is a git that waits.</summary>
internal sealed class PushAnswer(HttpResponse response, Action start)
{
    public async Task CopyAsync(Stream from, CancellationToken cancellation)
    {
        var buffer = new byte[16 * 1024];
        var clientThere = true;
        int read;
        start();
        while ((read = await from.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            if (!clientThere)
            {
                continue;
            }

            try
            {
                await response.Body.WriteAsync(buffer.AsMemory(0, read), response.HttpContext.RequestAborted).ConfigureAwait(false);
                await response.Body.FlushAsync(response.HttpContext.RequestAborted).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is IOException or OperationCanceledException)
            {
                clientThere = false;
            }
        }
    }
}
