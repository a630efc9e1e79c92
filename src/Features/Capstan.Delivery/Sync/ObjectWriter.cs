using Capstan.Delivery.Applications;
using Capstan.Faults;
using Capstan.Kubernetes;
using Capstan.Resources;

namespace Capstan.Delivery.Sync;

/// <summary>Writes single objects: each with its own result, tried again where that can help, and with the next action where it cannot.</summary>
internal sealed class ObjectWriter(ClusterClient client, TimeProvider time)
{
    private const int Attempts = 4;
    private static readonly TimeSpan GoneWait = TimeSpan.FromSeconds(30);
    private static readonly ApplyOptions Apply = new() { FieldManager = FieldTakeover.Manager, Force = true };
    private static readonly WriteOptions Write = new() { FieldManager = FieldTakeover.Manager };

    /// <summary>Brings an object to what the step desires.</summary>
    public async Task<StepOutcome?> ApplyAsync(SyncStep step, SyncOptions options, bool dryRun, CancellationToken cancellation)
    {
        var replace = step.Directives.Options.Replace ?? options.Replace;
        var force = step.Directives.Options.Force ?? options.Force;
        var validation = (step.Directives.Options.Validate ?? options.Validate) ? FieldValidation.Strict : FieldValidation.Ignore;
        var migrates = step.Directives.Options.Migrates(options);
        var attempt = 0;
        return await TryAsync(step, async () =>
        {
            attempt++;
            var written = replace && step.Live is not null ? await ReplaceAsync(step, force, validation, dryRun, cancellation).ConfigureAwait(false)
                : await ApplyOrMakeAnewAsync(step, (force, migrates, validation), attempt, dryRun, cancellation).ConfigureAwait(false);
            var text = $"{step.Key} {(written.Created ? "created" : "changed")}{(dryRun ? " (dry run)" : "")}";
            text += string.Concat(written.Warnings.Select(w => $"; warning: {SecretText.Hide(step.Desired!.Object, w)}"));
            return new StepOutcome(step, Result(step, ResourceResult.Synced, text), written.Object);
        }, cancellation).ConfigureAwait(false);
    }

    /// <summary>Deletes an object that left the source.</summary>
    public async Task<StepOutcome> PruneAsync(SyncStep step, DeletePropagation? asked, bool dryRun, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                // The uid keeps a successor of the same name alive.
                var resource = await client.ResolveAsync(step.Kind, cancellation).ConfigureAwait(false);
                var options = new DeleteOptions { Propagation = asked ?? PrunePropagation.Of(step.Key.GroupKind), Uid = step.Live!.Uid, DryRun = dryRun };
                var found = await client.DeleteAsync(resource, step.Key.Namespace, step.Key.Name, options, cancellation).ConfigureAwait(false);
                return new StepOutcome(step, Result(step, ResourceResult.Pruned, found ? "pruned" : "was gone already"), null);
            }
            catch (KubernetesException error) when (error.IsConflict)
            {
                return new StepOutcome(step, Result(step, ResourceResult.PruneSkipped, "another object of this name has taken its place"), null);
            }
            catch (KubernetesException error) when (attempt < Attempts && error.IsTransient)
            {
                await Task.Delay(Pause(attempt, error.RetryAfter), time, cancellation).ConfigureAwait(false);
            }
            catch (Exception error) when (error is KubernetesException or UnknownKindException)
            {
                return Failed(step, $"{step.Key}: could not be deleted: {error.Message}");
            }
        }
    }

    /// <summary>Writes with further attempts; what is refused becomes the result of the step.</summary>
    public async Task<StepOutcome?> TryAsync(SyncStep step, Func<Task<StepOutcome?>> write, CancellationToken cancellation)
    {
        var desired = step.Desired!;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await write().ConfigureAwait(false);
            }
            catch (KubernetesException error) when (attempt < Attempts && (error.IsConflict || error.IsTransient))
            {
                await Task.Delay(Pause(attempt, error.RetryAfter), time, cancellation).ConfigureAwait(false);
            }
            catch (KubernetesException error)
            {
                return Failed(step, $"{desired.Origin}: {step.Key}: {SecretText.Hide(desired.Object, error.ServerMessage.Length > 0 ? error.ServerMessage : error.Message)}{Hint(error)}");
            }
            catch (UnknownKindException error)
            {
                return Failed(step, $"{desired.Origin}: {step.Key}: {error.Message}");
            }
        }
    }

    /// <summary>A step that did not work.</summary>
    public static StepOutcome Failed(SyncStep step, string message) => new(step, Result(step, ResourceResult.SyncFailed, message) with { Task = TaskPhase.Failed }, null);

    /// <summary>What is recorded of a step.</summary>
    public static ResourceResult Result(SyncStep step, string code, string message) => new(step.Kind, step.Key, code, message) { Phase = step.Phase, IsHook = step.IsHook };

    private async Task<WriteResult> ApplyOrMakeAnewAsync(SyncStep step, (bool Force, bool Migrates, FieldValidation Validation) how, int attempt, bool dryRun, CancellationToken cancellation)
    {
        try
        {
            if (!dryRun && step.Live is not null && SeededBugs.Has(SeededBugs.RecreateToChange))
            {
                return await MakeAnewAsync(step, how.Validation, dryRun, cancellation).ConfigureAwait(false);
            }

            if (!dryRun && how.Migrates && step.Live is { } live)
            {
                await TakeOverAsync(live, step.Directives.MigrationManager, attempt, cancellation).ConfigureAwait(false);
            }

            return await client.ApplyAsync(step.Desired!.Object, Apply with { DryRun = dryRun, FieldValidation = how.Validation }, cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException error) when (how.Force && error.IsInvalid && step.Live is not null)
        {
            return await MakeAnewAsync(step, how.Validation, dryRun, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<WriteResult> ReplaceAsync(SyncStep step, bool force, FieldValidation validation, bool dryRun, CancellationToken cancellation)
    {
        if (force)
        {
            return await MakeAnewAsync(step, validation, dryRun, cancellation).ConfigureAwait(false);
        }

        var now = await client.FindAsync(step.Key, cancellation).ConfigureAwait(false);
        return now is null
            ? await client.ApplyAsync(step.Desired!.Object, Apply with { DryRun = dryRun, FieldValidation = validation }, cancellation).ConfigureAwait(false)
            : await client.UpdateAsync(step.Desired!.Object.With(["metadata", "resourceVersion"], now.ResourceVersion), Write with { DryRun = dryRun, FieldValidation = validation }, cancellation: cancellation).ConfigureAwait(false);
    }

    // Deleted and made again: for what cannot be changed in place.
    private async Task<WriteResult> MakeAnewAsync(SyncStep step, FieldValidation validation, bool dryRun, CancellationToken cancellation)
    {
        if (dryRun)
        {
            return new WriteResult(step.Live!, false, []);
        }

        await client.DeleteAsync(step.Key, new DeleteOptions { Propagation = PrunePropagation.Of(step.Key.GroupKind), Uid = step.Live!.Uid }, cancellation).ConfigureAwait(false);
        for (var started = time.GetTimestamp(); time.GetElapsedTime(started) < GoneWait;)
        {
            if (await client.FindAsync(step.Key, cancellation).ConfigureAwait(false) is not { } now || now.Uid != step.Live.Uid)
            {
                break;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellation).ConfigureAwait(false);
        }

        return await client.ApplyAsync(step.Desired!.Object, Apply with { FieldValidation = validation }, cancellation).ConfigureAwait(false);
    }

    private async Task TakeOverAsync(KubernetesObject live, string further, int attempt, CancellationToken cancellation)
    {
        var resource = await client.ResolveAsync(live.GroupVersionKind, cancellation).ConfigureAwait(false);
        var now = attempt == 1 ? live : await client.FindAsync(resource, live.Namespace, live.Name, cancellation).ConfigureAwait(false);
        if (now is not null && FieldTakeover.Patch(now, further) is { } patch)
        {
            await client.PatchAsync(resource, live.Namespace, live.Name, PatchKind.Json, patch, Write, cancellation: cancellation).ConfigureAwait(false);
        }
    }

    private static string Hint(KubernetesException error) => error switch
    {
        { IsNamespaceTerminating: true } => ". Wait until the namespace is gone; the sync is tried again",
        { IsNotFound: true } => ". Make the namespace first, or set the sync option CreateNamespace=true",
        { IsDenied: true } => ". Give the account that Capstan uses the right to do it",
        _ => "",
    };

    private static TimeSpan Pause(int attempt, TimeSpan? asked)
    {
        var own = TimeSpan.FromMilliseconds(50 * Math.Pow(3, attempt) * (0.5 + Random.Shared.NextDouble()));
        return asked is { } wait && wait > own ? (wait < TimeSpan.FromSeconds(30) ? wait : TimeSpan.FromSeconds(30)) : own;
    }
}
