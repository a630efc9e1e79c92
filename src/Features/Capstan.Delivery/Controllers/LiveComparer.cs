using Capstan.Delivery.Applications;
using Capstan.Delivery.Comparing;
using Capstan.Delivery.Health;
using Capstan.Delivery.Settings.Argo;
using Capstan.Delivery.Sync;
using Capstan.Delivery.Sync.Directives;
using Capstan.Delivery.Tracking;
using Capstan.Faults;
using Capstan.Kubernetes;
using Capstan.Resources;

namespace Capstan.Delivery.Controllers;

/// <summary>Compares what an Application wants with what is live, object by object; what did not move is not compared again.</summary>
internal sealed class LiveComparer(ProjectBook projects, ArgoSettingsBook settings, Claims claims, WriteGuard guard, ObjectHealth health, DeliveryOptions options)
{
    private static readonly GroupKind Definition = new("apiextensions.k8s.io", "CustomResourceDefinition");

    private readonly HashSet<string> _controlNamespaces = [.. options.ApplicationNamespaces];

    /// <summary>Told of each object that is really compared.</summary>
    public Action? Compared { get; set; }

    public string InstanceOf(ApplicationKey key) => TrackingId.InstanceName(key, _controlNamespaces);

    /// <summary>The objects that carry this Application's mark.</summary>
    public IReadOnlyList<CachedObject> Tracked(Cluster cluster, ApplicationKey key) => cluster.Live.Indexed(InstanceOf(key));

    /// <param name="state">What is remembered of the Application.</param>
    /// <param name="application">The Application.</param>
    /// <param name="isPlatform">Whether it may write Capstan's own kinds and namespaces.</param>
    /// <param name="cluster">Where.</param>
    /// <param name="desired">What is wanted.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<Comparison> CompareAsync(
        ApplicationState state, Application application, bool isPlatform, Cluster cluster, DesiredSet desired, CancellationToken cancellation)
    {
        var rules = settings.Current;
        var objects = new List<ComparedObject>(desired.Objects.Count);
        foreach (var wanted in desired.Objects)
        {
            objects.Add(await CompareAsync(state, application, cluster, wanted, rules, cancellation).ConfigureAwait(false));
        }

        var keys = desired.Objects.Select(o => o.Key).ToHashSet();
        var project = projects.Of(application);
        var leftovers = SeededBugs.Has(SeededBugs.ForgetPrune) ? [] : Tracked(cluster, application.Key);
        foreach (var tracked in leftovers.Where(t => !keys.Contains(t.Key) && cluster.Live.IsSynced(t.Key.GroupKind) && !rules.Kinds.LeavesOut(t.Key.GroupKind, cluster.Server)))
        {
            // The mark may have been written by somebody else: what this source may not write, it may not delete either.
            if (state.TryRecent(tracked.Key, tracked.ResourceVersion, out var after) && after is null || (!isPlatform && guard.Reason(tracked.Key) is not null)
                || project.Refusal(application.Destination, cluster.Server, tracked.Key) is not null)
            {
                continue;
            }

            var live = tracked.Object;
            if (HookAnnotations.IsHook(live))
            {
                continue;
            }

            objects.Add(new ComparedObject(tracked.Kind, tracked.Key, null, live, [], await health.OfAsync(live, rules, cancellation).ConfigureAwait(false)));
        }

        state.Trim(keys);
        return new Comparison(objects) { Hooks = desired.Hooks };
    }

    private async Task<ComparedObject> CompareAsync(
        ApplicationState state, Application application, Cluster cluster, DesiredObject wanted, ArgoSettings rules, CancellationToken cancellation)
    {
        var cached = cluster.Live.Find(wanted.Key);
        var claimants = claims.Of(cluster.Server, wanted.Key);
        var version = cached?.ResourceVersion ?? "";
        KubernetesObject? live = null;
        var isCached = false;
        if (state.TryRecent(wanted.Key, version, out var recent))
        {
            live = recent;
            version = recent?.ResourceVersion ?? "gone";
        }
        else if (cached is not null && cached.Kind.Version != wanted.Kind.Version && wanted.IsServed)
        {
            // Fields of two versions cannot be compared; the server converts.
            var resource = await cluster.Client.ResolveAsync(wanted.Kind, cancellation).ConfigureAwait(false);
            live = (await cluster.Client.FindAsync(resource, cached.Namespace, cached.Name, cancellation).ConfigureAwait(false))?.Packed();
        }
        else
        {
            isCached = true;
        }

        if (state.Known(wanted, version, claimants) is { } known)
        {
            return known;
        }

        live = isCached ? cached?.Object : live;
        var compared = await CompareAsync(application, cluster, wanted, live, claimants, rules, cancellation).ConfigureAwait(false);
        state.Remember(wanted, version, claimants, compared);
        return compared;
    }

    private async Task<ComparedObject> CompareAsync(
        Application application, Cluster cluster, DesiredObject wanted, KubernetesObject? live, IReadOnlyList<ApplicationKey> claimants, ArgoSettings rules, CancellationToken cancellation)
    {
        Compared?.Invoke();
        var owner = claimants.Count > 1
            ? Claims.Owner(claimants, live is null ? null : rules.Tracking.InstanceOf(live), InstanceOf)
            : application.Key;
        var differences = live is null || SeededBugs.Has(SeededBugs.SeeNoDifferences) ? []
            : await DifferencesAsync(application, cluster, wanted, live, rules, cancellation).ConfigureAwait(false);
        return new ComparedObject(
            wanted.Kind, wanted.Key, wanted, live, differences, live is null ? null : await health.OfAsync(live, rules, cancellation).ConfigureAwait(false),
            owner == application.Key ? null : owner.ToString());
    }

    private static async Task<IReadOnlyList<FieldDifference>> DifferencesAsync(
        Application application, Cluster cluster, DesiredObject wanted, KubernetesObject live, ArgoSettings rules, CancellationToken cancellation)
    {
        var migrates = wanted.Directives.Options.Migrates(application.Policy.Options);
        var options = new DiffOptions(SchemaOf(cluster, wanted.Kind, rules))
        {
            // Until the first apply takes them over, what other deliverers own counts as ours: it goes when it is not in Git.
            OwnManagers = FieldTakeover.OwnersOf(live, migrates, wanted.Directives.MigrationManager),
            CountLastApplied = migrates,
            CountStatus = rules.Status == StatusComparison.OfAll || (rules.Status == StatusComparison.OfAllButDefinitions && live.GroupKind != Definition),
        };
        var ignored = application.Ignored.And(rules.Ignored);
        var (desired, counted) = ignored.Strip(wanted.Object, live);
        if (!(wanted.Directives.ServerSideDiff ?? application.ServerSideDiff) || !wanted.IsServed)
        {
            return ObjectDiff.Of(desired, counted, options);
        }

        var predicted = await ServerSideDiff.PredictAsync(cluster.Client, wanted, cancellation).ConfigureAwait(false);
        if (predicted.Object is not { } after)
        {
            // The server refuses what is wanted, so it is not live: which field it is, the plain comparison tells.
            return ObjectDiff.Of(desired, counted, options) is { Count: > 0 } plain ? plain
                : throw new ObservationException(new ApplicationCondition(ConditionTypes.Comparison, $"server-side diff: {wanted.Origin}: {wanted.Key}: {predicted.Refusal}"));
        }

        (desired, counted) = ignored.Strip(after, live);
        var differences = ObjectDiff.Of(desired, counted, options);
        return application.IncludesWebhooks || wanted.Directives.IncludesWebhooks ? differences : ServerSideDiff.WithoutWebhooks(after, differences);
    }

    private static ObjectSchema SchemaOf(Cluster cluster, GroupVersionKind kind, ArgoSettings rules) =>
        rules.KnownTypes(kind.GroupKind).Aggregate(SchemaOf(cluster, kind), (schema, known) => schema.With(known.Path, known.Type));

    private static ObjectSchema SchemaOf(Cluster cluster, GroupVersionKind kind)
    {
        if (BuiltInSchemas.TryGet(kind, out var schema))
        {
            return schema;
        }

        var definitions = cluster.Live.List(Definition);
        foreach (var definition in definitions.Where(d => d.Name.EndsWith("." + kind.Group, StringComparison.Ordinal)))
        {
            var read = definition.Read();
            if (read.Spec.At("names", "kind")?.AsString() == kind.Kind && CrdSchema.From(read, kind.Version) is { } custom)
            {
                return custom;
            }
        }

        return ObjectSchema.Untyped(kind);
    }
}
