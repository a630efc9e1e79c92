using Capstan.Delivery.Comparing;
using Capstan.Delivery.Controllers;
using Capstan.Delivery.Rendering;
using Capstan.Delivery.Sync;
using Capstan.Delivery.Sync.Directives;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.ApplySets;

/// <summary>What is pushed, and how.</summary>
/// <param name="Render">Renders the objects for a cluster. With any problem nothing is pushed.</param>
/// <param name="Namespace">The namespace of objects that name none.</param>
/// <param name="Set">What is remembered; null to remember nothing, so that nothing can be pruned.</param>
/// <param name="Prune">Whether members that are not among the objects any more are deleted.</param>
public sealed record PushRequest(Func<ClusterVersions, RenderedSource> Render, string Namespace, ApplySet? Set, bool Prune);

/// <summary>
/// The push model: the same rendering, comparing, planning and running as for Applications, once, against any cluster, without a server.
/// </summary>
public sealed class ApplySetSync(ClusterClient client, TimeProvider time)
{
    private const int AtOnce = 16;
    private static readonly TimeSpan DefaultLimit = TimeSpan.FromMinutes(5);

    private readonly DateTimeOffset _startedAt = time.GetUtcNow();

    /// <summary>Plans. It writes nothing.</summary>
    /// <exception cref="DeliveryException">The input is refused; the message names everything that is wrong with it.</exception>
    public async Task<SyncPlan> PlanAsync(PushRequest request, CancellationToken cancellation)
    {
        var discovery = await client.DiscoverAsync(cancellation: cancellation).ConfigureAwait(false);
        var version = await client.VersionAsync(cancellation).ConfigureAwait(false);
        var rendered = request.Render(ClusterVersions.Of(version["gitVersion"]?.AsString(), discovery));
        if (!rendered.IsComplete)
        {
            throw new DeliveryException(string.Join('\n', rendered.Problems));
        }

        KindLookup kinds = kind => discovery.Find(kind) is { } resource ? new KindInfo(resource.Namespaced, resource.IsWatchable) : null;
        var desired = new DesiredSetBuilder(kinds, request.Namespace, o => request.Set?.Mark(o) ?? o).Build(rendered.Manifests);
        if (desired.Problems.Count > 0)
        {
            throw new DeliveryException(string.Join('\n', desired.Problems));
        }

        var compared = await CompareAsync(desired, cancellation).ConfigureAwait(false);
        compared.AddRange(await LeftAsync(request, desired, cancellation).ConfigureAwait(false));
        return SyncPlanner.Plan(new Comparison(compared) { Hooks = desired.Hooks }, new SyncRules(request.Prune && request.Set is not null) { StartedAt = _startedAt }, "");
    }

    /// <summary>Carries a plan out. The parent names what is to come before anything is applied, and what is left afterwards.</summary>
    /// <param name="request">What is pushed.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="dryRun">Whether the server only says what it would do.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="limit">How long waves and hooks may be waited for in all; five minutes when nothing is said.</param>
    /// <param name="tell">Told what is waited for.</param>
    public async Task<SyncRun> RunAsync(
        PushRequest request, SyncPlan plan, bool dryRun, CancellationToken cancellation, TimeSpan? limit = null, Action<string>? tell = null)
    {
        if (request.Set is { } set && !dryRun)
        {
            await RememberAsync(set, plan.Steps, cancellation).ConfigureAwait(false);
        }

        using var slots = new SemaphoreSlim(AtOnce);
        var run = dryRun || !WaveRun.IsNeededFor(plan)
            ? await new SyncRunner(client, slots, time).RunAsync(plan, new RunOptions(DryRun: dryRun), cancellation).ConfigureAwait(false)
            : await new WaveRun(client, slots, time).RunAsync(
                plan, stop => PlanAsync(request, stop), _startedAt, limit ?? DefaultLimit, tell ?? (_ => { }), cancellation).ConfigureAwait(false);
        if (request.Set is { } done && !dryRun && run.Succeeded && request.Prune)
        {
            await RememberAsync(done, plan.Steps.Where(s => s.Action != SyncAction.Prune), cancellation).ConfigureAwait(false);
        }

        return run;
    }

    private async Task<List<ComparedObject>> CompareAsync(DesiredSet desired, CancellationToken cancellation)
    {
        using var slots = new SemaphoreSlim(AtOnce);
        var compared = await Task.WhenAll(desired.Objects.Select(async wanted =>
        {
            await slots.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                var live = wanted.IsServed
                    ? await client.FindAsync(await client.ResolveAsync(wanted.Kind, cancellation).ConfigureAwait(false), wanted.Key.Namespace, wanted.Key.Name, cancellation).ConfigureAwait(false)
                    : null;
                var options = live is null ? null : new DiffOptions(BuiltInSchemas.For(wanted.Kind)) { OwnManagers = FieldTakeover.OwnersOf(live) };
                return new ComparedObject(
                    wanted.Kind, wanted.Key, wanted, live, live is null ? [] : ObjectDiff.Of(wanted.Object, live, options!), live is null ? null : HealthAssessment.Of(live));
            }
            finally
            {
                slots.Release();
            }
        })).ConfigureAwait(false);
        return [.. compared];
    }

    // Members that are not wanted any more, looked for where the parent says that there may be some.
    private async Task<List<ComparedObject>> LeftAsync(PushRequest request, DesiredSet desired, CancellationToken cancellation)
    {
        if (request.Set is not { } set || await client.FindAsync(set.ParentKey, cancellation).ConfigureAwait(false) is not { } parent)
        {
            return [];
        }

        if (set.Refusal(parent) is { } refusal)
        {
            throw new DeliveryException(refusal);
        }

        var wanted = desired.Objects.Select(o => o.Key).ToHashSet();
        var left = new List<ComparedObject>();
        foreach (var kind in ApplySet.KindsOf(parent))
        {
            var resource = (await client.DiscoverAsync(cancellation: cancellation).ConfigureAwait(false)).Find(kind);
            foreach (var space in resource is null ? [] : resource.Namespaced ? ApplySet.NamespacesOf(parent) : [""])
            {
                var members = await client.ListAsync(resource!, new ListOptions { Namespace = space, LabelSelector = $"{ApplySet.PartOfLabel}={set.Id}" }, cancellation).ConfigureAwait(false);
                left.AddRange(members.Items.Where(m => !wanted.Contains(m.Key) && !HookAnnotations.IsHook(m)).Select(m => new ComparedObject(m.GroupVersionKind, m.Key, null, m, [], null)));
            }
        }

        return left;
    }

    private async Task RememberAsync(ApplySet set, IEnumerable<SyncStep> steps, CancellationToken cancellation)
    {
        var keys = steps.Select(s => s.Key).ToList();
        if (await client.FindAsync(set.ParentKey, cancellation).ConfigureAwait(false) is { } parent && set.Refusal(parent) is { } refusal)
        {
            throw new DeliveryException(refusal);
        }

        var space = YamlMap.Of(("apiVersion", "v1"), ("kind", "Namespace"), ("metadata", YamlMap.Of(("name", set.Namespace))));
        if (await client.FindAsync(new ObjectKey(new GroupKind("", "Namespace"), "", set.Namespace), cancellation).ConfigureAwait(false) is null)
        {
            await client.CreateAsync(new KubernetesObject(space), cancellation: cancellation).ConfigureAwait(false);
        }

        var applied = set.Parent(keys.Select(k => k.GroupKind), keys.Select(k => k.Namespace));
        await client.ApplyAsync(applied, new ApplyOptions { FieldManager = "capstan-applyset", Force = true }, cancellation).ConfigureAwait(false);
    }
}
