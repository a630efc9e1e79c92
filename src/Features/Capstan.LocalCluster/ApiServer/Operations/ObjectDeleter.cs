using System.Globalization;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.Storage;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Operations;

/// <summary>What came of a deletion.</summary>
/// <param name="Tree">The object as it is now, or as it last was.</param>
/// <param name="Gone">Whether it is gone; otherwise it waits for its finalizers or its grace period.</param>
internal readonly record struct DeleteOutcome(YamlMap Tree, bool Gone);

/// <summary>Deletes objects: at once, or by marking them where somebody must finish first.</summary>
internal sealed class ObjectDeleter(ObjectStore store, ObjectAdmission admission, TimeProvider time)
{
    private const int Attempts = 20;

    public async Task<DeleteOutcome> DeleteAsync(Target target, DeleteOptions options, CancellationToken cancellation)
    {
        if (options.PropagationPolicy is not (null or "Background" or "Foreground" or "Orphan"))
        {
            throw new ApiStatusException(422, ApiReasons.Invalid, "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: " +
                $"\"{options.PropagationPolicy}\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"");
        }

        for (var attempt = 0; attempt <= Attempts; attempt++)
        {
            var live = store.Get(target.Key) ?? throw ApiErrors.NotFound(target.Resource, target.Name);
            CheckPreconditions(target, live, options);
            ObjectAdmission.CheckDeletion(target.Resource, live.Tree);
            if (attempt == 0)
            {
                var call = new Webhooks.AdmissionCall(target, "DELETE", live.Tree, options.User, options.DryRun, null);
                await admission.ValidateAsync(call, null, cancellation).ConfigureAwait(false);
            }

            var marked = Mark(target, live.Tree, options);
            if (!Deletion.IsFinished(target.Resource, marked))
            {
                if (options.DryRun || marked.Equals(live.Tree))
                {
                    return new DeleteOutcome(marked, false);
                }

                var update = await store.WriteAsync(new StoreWrite(StoreVerb.Update, target.Key, marked, live.Revision), cancellation).ConfigureAwait(false);
                if (update.Outcome == StoreOutcome.Written)
                {
                    admission.AfterWrite(target.Resource, update.Object!.Tree);
                    return await ContinueAsync(target, update.Object.Tree, options, cancellation).ConfigureAwait(false);
                }

                continue;
            }

            if (options.DryRun)
            {
                return new DeleteOutcome(live.Tree, true);
            }

            var result = await store.WriteAsync(new StoreWrite(StoreVerb.Delete, target.Key, live.Tree, live.Revision), cancellation).ConfigureAwait(false);
            if (result.Outcome == StoreOutcome.Written)
            {
                admission.AfterDelete(target.Resource, result.Object!.Tree);
                return new DeleteOutcome(result.Object.Tree, true);
            }
        }

        throw ApiErrors.Modified(target.Resource, target.Name);
    }

    // A definition goes when its objects are gone; they are deleted here, so that it does not depend on a controller.
    private async Task<DeleteOutcome> ContinueAsync(Target target, YamlMap marked, DeleteOptions options, CancellationToken cancellation)
    {
        if (target.Resource.Qualified == CustomResources.Definitions.ResourceName)
        {
            return await DeleteObjectsOfAsync(target, cancellation).ConfigureAwait(false);
        }

        return new DeleteOutcome(marked, false);
    }

    private async Task<DeleteOutcome> DeleteObjectsOfAsync(Target definition, CancellationToken cancellation)
    {
        if (admission.Catalog.FindStored(definition.Name) is { Custom: not null } custom)
        {
            foreach (var item in store.Snapshot(custom.StoreName).Table.In(null).ToList())
            {
                var target = new Target(custom, custom.StorageVersion, item.Key.Namespace, item.Key.Name);
                try
                {
                    await DeleteAsync(target, new DeleteOptions(), cancellation).ConfigureAwait(false);
                }
                catch (ApiStatusException gone) when (gone.Reason == ApiReasons.NotFound)
                {
                    // Somebody else deleted it in between, which is what was wanted.
                    continue;
                }
            }
        }

        return await FinishDefinitionAsync(definition, cancellation).ConfigureAwait(false);
    }

    /// <summary>Lets a definition that is being deleted go when none of its objects is left.</summary>
    public async Task<DeleteOutcome> FinishDefinitionAsync(Target definition, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt <= Attempts; attempt++)
        {
            if (store.Get(definition.Key) is not { } live)
            {
                return new DeleteOutcome(YamlMap.Empty, true);
            }

            var others = (live.Tree.At("metadata", "finalizers") as YamlList ?? YamlList.Empty)
                .Where(f => f.AsString() != CustomResources.Definitions.Cleanup).ToList();
            var tree = live.Tree.WithAt(["metadata", "finalizers"], new YamlList(others));
            if (store.Snapshot(definition.Name).Table.Count > 0 || live.Tree.At("metadata", "deletionTimestamp") is null)
            {
                return new DeleteOutcome(live.Tree, false);
            }

            var verb = others.Count == 0 ? StoreVerb.Delete : StoreVerb.Update;
            var result = await store.WriteAsync(new StoreWrite(verb, definition.Key, tree, live.Revision), cancellation).ConfigureAwait(false);
            if (result.Outcome == StoreOutcome.Written)
            {
                if (verb == StoreVerb.Delete)
                {
                    admission.AfterDelete(definition.Resource, tree);
                }

                return new DeleteOutcome(tree, verb == StoreVerb.Delete);
            }
        }

        throw ApiErrors.Modified(definition.Resource, definition.Name);
    }

    private YamlMap Mark(Target target, YamlMap tree, DeleteOptions options)
    {
        tree = Deletion.WithPolicy(tree, options.PropagationPolicy);
        var grace = Deletion.GraceOf(target.Resource, tree, options.GracePeriodSeconds);
        var known = tree.Number("metadata", "deletionGracePeriodSeconds");
        if (tree.At("metadata", "deletionTimestamp") is not null && (known is null || grace >= known))
        {
            return tree;
        }

        var at = time.GetUtcNow().AddSeconds(grace).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        tree = tree.WithAt(["metadata", "deletionTimestamp"], at).WithAt(["metadata", "deletionGracePeriodSeconds"], grace);
        if (tree.Number("metadata", "generation") is { } generation)
        {
            tree = tree.WithAt(["metadata", "generation"], generation + 1);
        }

        return target.Resource.Qualified == "namespaces" ? tree.WithAt(["status", "phase"], "Terminating") : tree;
    }

    private static void CheckPreconditions(Target target, StoredObject live, DeleteOptions options)
    {
        if (options.Uid is { Length: > 0 } uid && uid != live.Uid)
        {
            throw ApiErrors.Conflict(target.Resource, target.Name,
                $"Precondition failed: UID in precondition: {uid}, UID in object meta: {live.Uid}");
        }

        if (options.ResourceVersion is { Length: > 0 } version && version != live.Revision.ToString(CultureInfo.InvariantCulture))
        {
            throw ApiErrors.Conflict(target.Resource, target.Name,
                $"Precondition failed: ResourceVersion in precondition: {version}, ResourceVersion in object meta: {live.Revision}");
        }
    }
}
