using Microsoft.AspNetCore.Http;

namespace Capstan.LocalCluster.ApiServer.InProcess;

/// <summary>
/// Requests from within the process, handed to the API server without a connection between: no encryption, no framing, no copying through
/// the kernel. It is the same pipeline that a connection reaches, so who asks is found out, checked and audited all the same.
/// </summary>
internal sealed class InProcessHandler(RequestDelegate application) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? Stream.Null : await request.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var exchange = new InProcessExchange(request, body);
        using var given = cancellationToken.Register(static state => ((InProcessExchange)state!).Abort(), exchange);
        return await exchange.RunAsync(application, cancellationToken).ConfigureAwait(false);
    }
}
