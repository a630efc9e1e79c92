using Capstan.LocalCluster.ApiServer;

namespace Capstan.LocalCluster.Controllers.Running;

/// <summary>Writes through the API server's operations, as the manager that the client writes under.</summary>
internal sealed class ApiObjectWriter(ClusterClient client) : IObjectWriter
{
    /// <inheritdoc/>
    public async Task<WriteResult> WriteAsync(ObjectWrite write, CancellationToken cancellation)
    {
        try
        {
            await SendAsync(write, cancellation).ConfigureAwait(false);
            return WriteResult.Done;
        }
        catch (ApiStatusException gone) when (gone.Reason == ApiReasons.NotFound)
        {
            return WriteResult.Done;
        }
        catch (ApiStatusException moved) when (moved.Reason is ApiReasons.Conflict or ApiReasons.AlreadyExists)
        {
            return WriteResult.Stale;
        }
    }

    private Task SendAsync(ObjectWrite write, CancellationToken cancellation) => write switch
    {
        ObjectWrite.Create => client.CreateAsync(write.Object, cancellation),
        ObjectWrite.UpdateStatus => client.UpdateStatusAsync(write.Object, cancellation),
        ObjectWrite.UpdateWhole => client.UpdateWholeAsync(write.Object, cancellation),
        ObjectWrite.Finalize => client.ChangeAsync(write.Object.Key, live => write.Object.Without("metadata", "resourceVersion"), "finalize", cancellation),
        ObjectWrite.Delete delete => client.DeleteAsync(write.Object.Key, write.Object.Uid, delete.Now ? 0 : null, null, cancellation),
        _ => client.UpdateAsync(write.Object, cancellation),
    };
}
