using System.Globalization;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.ApiServer.Webhooks;
using Capstan.LocalCluster.Storage;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Operations;

/// <summary>What came of a write.</summary>
/// <param name="Tree">The object as it is now, in the stored version.</param>
/// <param name="Created">Whether it was not there before.</param>
/// <param name="Stored">The version that was written; null for a dry run and where nothing was written.</param>
internal readonly record struct WriteOutcome(YamlMap Tree, bool Created = false, StoredObject? Stored = null);

/// <summary>
/// Every way in which an object comes to be or changes. All callers, over HTTP or in the process, come through here: so admission,
/// ownership of fields, generations and finalizers are the same for all.
/// </summary>
internal sealed class ObjectWriter(ObjectStore store, ObjectAdmission admission, TimeProvider time)
{
    // A change that was computed from an older version is computed again; this often, as in Kubernetes' own retry on conflict.
    private const int Attempts = 20;

    /// <summary>Creates an object. The tree is in the caller's version.</summary>
    public async Task<WriteOutcome> CreateAsync(Target target, YamlMap body, WriteOptions options, CancellationToken cancellation)
    {
        var tree = ObjectAdmission.Admit(target, body, options);
        if (tree.Text("metadata", "resourceVersion").Length > 0)
        {
            throw new ApiStatusException(500, ApiReasons.InternalError, "resourceVersion should not be set on objects to be created");
        }

        var call = Call(target with { Name = tree.Text("metadata", "name") }, "CREATE", null, options);
        tree = await MutatedAsync(call, tree, options, cancellation).ConfigureAwait(false);
        var generated = tree.Text("metadata", "name").Length == 0;
        for (var attempt = 0; ; attempt++)
        {
            var named = admission.PrepareNew(target, tree, options, time.GetUtcNow());
            var final = FieldOwnership.Updated(target, null, named, options, time.GetUtcNow());
            var key = target.Resource.Key(target.Namespace, named.Text("metadata", "name"));
            admission.CheckNamespace(target.Resource, key.Namespace, key.Name);
            admission.CheckRights(target, null, final, options);
            await admission.ValidateAsync(call, final, cancellation).ConfigureAwait(false);
            if (options.DryRun)
            {
                return store.Get(key) is null ? new WriteOutcome(final, true) : throw ApiErrors.AlreadyExists(target.Resource, key.Name);
            }

            var result = await store.WriteAsync(new StoreWrite(StoreVerb.Create, key, final), cancellation).ConfigureAwait(false);
            if (result.Outcome == StoreOutcome.Written)
            {
                admission.AfterWrite(target.Resource, result.Object!.Tree);
                return new WriteOutcome(result.Object.Tree, true, result.Object);
            }

            if (!generated || attempt >= Attempts)
            {
                throw ApiErrors.AlreadyExists(target.Resource, key.Name);
            }
        }
    }

    /// <summary>Replaces an object, or its status.</summary>
    public Task<WriteOutcome> UpdateAsync(Target target, YamlMap body, WriteOptions options, CancellationToken cancellation)
    {
        var tree = ObjectAdmission.Admit(target, body, options);
        if (tree.Text("metadata", "name") is { Length: > 0 } name && name != target.Name)
        {
            throw ApiErrors.BadRequest($"the name of the object ({name}) does not match the name on the URL ({target.Name})");
        }

        return ChangeAsync(target, _ => tree, options, cancellation);
    }

    /// <summary>Patches an object, its status or its scale. The patch is in the caller's version.</summary>
    public Task<WriteOutcome> PatchAsync(Target target, PatchKind kind, YamlNode patch, WriteOptions options, CancellationToken cancellation)
    {
        if (kind == PatchKind.Apply)
        {
            var applied = ObjectAdmission.Checked(target, CheckApplied(target, patch), options);
            return ApplyAsync(target, VersionConversion.ToStorage(target.Resource, applied), options, cancellation);
        }

        if (target.Subresource == "scale")
        {
            return ChangeAsync(target, live => Scaling.Taken(target, live, Patching.Apply(target, Scaling.Of(target, live), kind, patch)), options, cancellation);
        }

        return ChangeAsync(target, live =>
        {
            var seen = VersionConversion.ToVersion(target.Resource, target.Version, live);
            var patched = Patching.Apply(target, seen, kind, patch);
            return patched.Text("metadata", "name") is { } name && name != target.Name
                ? throw ApiErrors.BadRequest($"the name of the object ({name}) does not match the name on the URL ({target.Name})")
                : ObjectAdmission.Admit(target, patched, options);
        }, options, cancellation);
    }

    /// <summary>Changes an object by a function of its present state, which is called again when somebody else was quicker.</summary>
    /// <param name="target">The object.</param>
    /// <param name="change">From the stored tree to the wanted one, in the stored version.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    public async Task<WriteOutcome> ChangeAsync(Target target, Func<YamlMap, YamlMap> change, WriteOptions options, CancellationToken cancellation)
    {
        for (var attempt = 0; ; attempt++)
        {
            var live = store.Get(target.Key) ?? throw ApiErrors.NotFound(target.Resource, target.Name);
            var wanted = change(live.Tree);
            CheckPreconditions(target, live, wanted);
            var call = Call(target, "UPDATE", live.Tree, options);
            wanted = await MutatedAsync(call, wanted, options, cancellation).ConfigureAwait(false);
            var prepared = ObjectAdmission.PrepareChanged(target, live.Tree, wanted, options);
            admission.CheckRights(target, live.Tree, prepared, options);
            var final = FieldOwnership.Updated(target, live.Tree, prepared, options, time.GetUtcNow());
            await admission.ValidateAsync(call, final, cancellation).ConfigureAwait(false);
            if (await TryReplaceAsync(target, live, final, options.DryRun, cancellation).ConfigureAwait(false) is { } outcome)
            {
                return outcome;
            }

            if (attempt >= Attempts)
            {
                throw ApiErrors.Modified(target.Resource, target.Name);
            }
        }
    }

    /// <summary>Server-side apply: creates the object or merges the caller's fields into it.</summary>
    public async Task<WriteOutcome> ApplyAsync(Target target, YamlMap applied, WriteOptions options, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt <= Attempts; attempt++)
        {
            var live = store.Get(target.Key);
            if (live is null && target.Subresource.Length > 0)
            {
                throw ApiErrors.NotFound(target.Resource, target.Name);
            }

            if (live is null)
            {
                if (await TryCreateAppliedAsync(target, applied, options, cancellation).ConfigureAwait(false) is { } created)
                {
                    return created;
                }

                continue;
            }

            var merged = FieldOwnership.Applied(target, live.Tree, applied, options, time.GetUtcNow());
            if (ReferenceEquals(merged, live.Tree))
            {
                return new WriteOutcome(live.Tree);
            }

            CheckPreconditions(target, live, merged);
            var call = Call(target, "UPDATE", live.Tree, options);
            var wanted = await MutatedAsync(call, ObjectAdmission.Complete(target, merged, options), options, cancellation).ConfigureAwait(false);
            var prepared = ObjectAdmission.PrepareChanged(target, live.Tree, wanted, options);
            admission.CheckRights(target, live.Tree, prepared, options);
            await admission.ValidateAsync(call, prepared, cancellation).ConfigureAwait(false);
            if (await TryReplaceAsync(target, live, prepared, options.DryRun, cancellation).ConfigureAwait(false) is { } outcome)
            {
                return outcome;
            }
        }

        throw ApiErrors.Modified(target.Resource, target.Name);
    }

    private static AdmissionCall Call(Target target, string operation, YamlMap? before, WriteOptions options) =>
        new(target, operation, before, options.User, options.DryRun, options.Warnings);

    // What a webhook changed is checked and defaulted as if the caller had sent it.
    private async Task<YamlMap> MutatedAsync(AdmissionCall call, YamlMap tree, WriteOptions options, CancellationToken cancellation)
    {
        var mutated = await admission.Webhooks.MutateAsync(call, tree, cancellation).ConfigureAwait(false);
        var stored = call.Target with { Version = call.Target.Resource.StorageVersion };
        return ReferenceEquals(mutated, tree) ? tree : ObjectAdmission.Admit(stored, mutated, options);
    }

    private static YamlMap CheckApplied(Target target, YamlNode patch)
    {
        var body = patch as YamlMap ?? throw ApiErrors.BadRequest("the applied configuration must be an object");
        if (target.Subresource == "scale")
        {
            throw ApiErrors.Unsupported("application/apply-patch+yaml", "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json");
        }

        if (body.Text("apiVersion").Length == 0 || body.Text("kind").Length == 0)
        {
            throw ApiErrors.BadRequest("the applied configuration must have apiVersion and kind");
        }

        var name = body.Text("metadata", "name");
        return name == target.Name || name.Length == 0 ? body.WithAt(["metadata", "name"], target.Name)
            : throw ApiErrors.BadRequest($"the name of the object ({name}) does not match the name on the URL ({target.Name})");
    }

    private async Task<WriteOutcome?> TryCreateAppliedAsync(Target target, YamlMap applied, WriteOptions options, CancellationToken cancellation)
    {
        if (applied.Text("metadata", "uid") is { Length: > 0 } uid)
        {
            throw ApiErrors.Conflict(target.Resource, target.Name, $"uid mismatch: the provided object specified uid {uid}, and no existing object was found");
        }

        var merged = FieldOwnership.Applied(target, null, applied, options, time.GetUtcNow());
        var call = Call(target, "CREATE", null, options);
        var wanted = await MutatedAsync(call, ObjectAdmission.Complete(target, merged, options), options, cancellation).ConfigureAwait(false);
        var final = admission.PrepareNew(target, wanted, options, time.GetUtcNow());
        admission.CheckNamespace(target.Resource, target.Key.Namespace, target.Name);
        admission.CheckMayCreate(target, options);
        admission.CheckRights(target, null, final, options);
        await admission.ValidateAsync(call, final, cancellation).ConfigureAwait(false);
        if (options.DryRun)
        {
            return new WriteOutcome(final, true);
        }

        var result = await store.WriteAsync(new StoreWrite(StoreVerb.Create, target.Key, final), cancellation).ConfigureAwait(false);
        if (result.Outcome != StoreOutcome.Written)
        {
            return null;
        }

        admission.AfterWrite(target.Resource, result.Object!.Tree);
        return new WriteOutcome(result.Object.Tree, true, result.Object);
    }

    // Null when somebody else was quicker.
    private async Task<WriteOutcome?> TryReplaceAsync(Target target, StoredObject live, YamlMap final, bool dryRun, CancellationToken cancellation)
    {
        final = final.WithAt(["metadata", "resourceVersion"], Text(live.Revision));
        if (final.Equals(live.Tree))
        {
            return new WriteOutcome(live.Tree);
        }

        if (dryRun)
        {
            return new WriteOutcome(final);
        }

        var verb = Deletion.IsFinished(target.Resource, final) ? StoreVerb.Delete : StoreVerb.Update;
        var result = await store.WriteAsync(new StoreWrite(verb, target.Key, final, live.Revision), cancellation).ConfigureAwait(false);
        switch (result.Outcome)
        {
            case StoreOutcome.Written when verb == StoreVerb.Delete:
                admission.AfterDelete(target.Resource, result.Object!.Tree);
                return new WriteOutcome(result.Object.Tree, Stored: result.Object);
            case StoreOutcome.Written:
                admission.AfterWrite(target.Resource, result.Object!.Tree);
                return new WriteOutcome(result.Object.Tree, Stored: result.Object);
            case StoreOutcome.NotFound:
                throw ApiErrors.NotFound(target.Resource, target.Name);
            default:
                return null;
        }
    }

    private static void CheckPreconditions(Target target, StoredObject live, YamlMap wanted)
    {
        var uid = wanted.Text("metadata", "uid");
        if (uid.Length > 0 && uid != live.Uid)
        {
            throw ApiErrors.Conflict(target.Resource, target.Name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {live.Uid}");
        }

        var version = wanted.Text("metadata", "resourceVersion");
        if (version.Length > 0 && version != "0" && version != Text(live.Revision))
        {
            throw ApiErrors.Modified(target.Resource, target.Name);
        }

        if (version.Length == 0 && target.Resource.Custom is not null)
        {
            throw ApiErrors.Invalid(target.Resource, target.Name,
                [FieldProblem.Invalid("metadata.resourceVersion", 0, "must be specified for an update")]);
        }
    }

    private static string Text(long revision) => revision.ToString(CultureInfo.InvariantCulture);
}
