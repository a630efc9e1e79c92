using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.ApiServer.Operations;
using Microsoft.AspNetCore.Http;

namespace Capstan.LocalCluster.ApiServer.Http;

/// <summary>
/// Ends what goes on for long with a pod (a shell, a forwarded port, a followed log) when its caller may not do it any more, is no longer
/// known, or the pod is gone: what was allowed at the beginning is asked again and again.
/// </summary>
internal sealed class SessionGuard(RequestGuard guard, ObjectReader reader, TimeProvider time)
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(2);

    /// <summary>Runs a session as long as it is allowed; a session that was upgraded says the end itself, an answer is cut.</summary>
    /// <param name="context">The request.</param>
    /// <param name="target">The pod and what is done with it.</param>
    /// <param name="uid">The pod: another of its name is another.</param>
    /// <param name="session">What goes on.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task RunAsync(HttpContext context, Target target, string uid, Func<CancellationToken, Task> session, CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var running = session(ending.Token);
        using var timer = new PeriodicTimer(AskEvery, time);
        while (await Task.WhenAny(running, timer.WaitForNextTickAsync(cancellation).AsTask()).ConfigureAwait(false) != running && !cancellation.IsCancellationRequested)
        {
            if (!IsAllowed(context, target, uid))
            {
                await ending.CancelAsync().ConfigureAwait(false);
                await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (context.Response.StatusCode != StatusCodes.Status101SwitchingProtocols)
                {
                    // An answer that simply ended would look whole.
                    context.Abort();
                }

                return;
            }
        }

        await running.ConfigureAwait(false);
    }

    private bool IsAllowed(HttpContext context, Target target, string uid)
    {
        try
        {
            guard.Identify(context);
            guard.Check(context);
            return reader.Get(target with { Subresource = "" }).Tree.Text("metadata", "uid") == uid;
        }
        catch (ApiStatusException)
        {
            // Not known, not allowed, not there: in each case the answer is no.
            return false;
        }
    }
}
