using Capstan.LocalCluster.ApiServer;
using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.LocalCluster.ApiServer.Operations;
using Capstan.Resources;

namespace Capstan.LocalCluster.Controllers.Running;

/// <summary>Writes through the API server's operations, as the manager <c>capstan-local-cluster</c>.</summary>
internal sealed class ApiObjectWriter(ResourceCatalog catalog, ObjectWriter writer, ObjectDeleter deleter) : IObjectWriter
{
    private static readonly WriteOptions Options = new() { FieldValidation = FieldValidation.Ignore };

    /// <inheritdoc/>
    public async Task<WriteResult> WriteAsync(ObjectWrite write, CancellationToken cancellation)
    {
        if (Locate(write) is not { } target)
        {
            // The kind is no longer served: its objects go with its definition.
            return WriteResult.Done;
        }

        try
        {
            await WriteAsync(write, target, cancellation).ConfigureAwait(false);
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

    private async Task WriteAsync(ObjectWrite write, Target target, CancellationToken cancellation)
    {
        var body = write.Object.Body;
        switch (write)
        {
            case ObjectWrite.Create:
                await writer.CreateAsync(target, body, Options, cancellation).ConfigureAwait(false);
                break;
            case ObjectWrite.UpdateStatus:
                await writer.UpdateAsync(target with { Subresource = "status" }, body, Options, cancellation).ConfigureAwait(false);
                break;
            case ObjectWrite.Delete delete:
                var options = new DeleteOptions { Uid = delete.Object.Uid, GracePeriodSeconds = delete.Now ? 0 : null };
                await deleter.DeleteAsync(target, options, cancellation).ConfigureAwait(false);
                break;
            default:
                await writer.UpdateAsync(target, body, Options, cancellation).ConfigureAwait(false);
                break;
        }
    }

    private Target? Locate(ObjectWrite write)
    {
        var kind = write.Object.GroupVersionKind;
        return catalog.Find(kind.GroupKind) is { } resource
            ? new Target(resource, kind.Version, write.Object.Namespace, write.Object.Name)
            : null;
    }
}
