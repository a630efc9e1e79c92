using Capstan.Delivery.Applications;
using Capstan.Delivery.Comparing;
using Capstan.Delivery.Pausing;
using Capstan.Delivery.Projects;
using Capstan.Delivery.Rendering;
using Capstan.Delivery.Sync;
using Capstan.Delivery.Sync.Directives;
using Capstan.Delivery.Tracking;
using Capstan.Faults;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Sources.Git.Urls;

namespace Capstan.Delivery.Controllers;

/// <summary>A look that could not be finished, with the condition that says why.</summary>
internal sealed class ObservationException(ApplicationCondition condition) : Exception(condition.Message)
{
    public ApplicationCondition Condition { get; } = condition;
}

/// <summary>A look that has to wait: the cache is still listing a kind.</summary>
internal sealed class NotListedYetException(IReadOnlySet<GroupKind> kinds) : Exception
{
    public IReadOnlySet<GroupKind> Kinds { get; } = kinds;
}

/// <summary>Looks at one Application: its commit, what that renders to, and how the cluster compares. It writes nothing.</summary>
internal sealed class Observer(
    ClusterRegistry clusters, ProjectBook projects, SourceSignatures signatures, RepositoryReader repositories, KustomizeParts parts, RenderCache renderings, Claims claims, DeliveryOptions options)
{
    private static readonly GroupKind SetKind = new("argoproj.io", "ApplicationSet");

    private readonly HashSet<string> _controlNamespaces = [.. options.ApplicationNamespaces];
    private readonly WriteGuard _guard = new(options.OwnNamespaces);

    /// <summary>Told which other Applications have to look again because they want the same objects.</summary>
    public Action<IReadOnlyCollection<ApplicationKey>>? Affected { get; set; }

    /// <summary>Told of each object that is really compared.</summary>
    public Action? Compared { get; set; }

    public string InstanceOf(ApplicationKey key) => TrackingId.InstanceName(key, _controlNamespaces);

    // 1. Whether its project lets it. 2. Which commit. 3. What it renders to. 4. What that means in the cluster. 5. Who else wants it. 6. How live
    // compares.
    public async Task<Observation> LookAsync(ApplicationState state, Application application, IReadOnlyList<string> revisions, bool hard, CancellationToken cancellation)
    {
        var cluster = clusters.Find(application.Destination);
        state.Cluster = cluster;
        var project = projects.Of(application);
        var outside = project.Problems(application, cluster.Server, _controlNamespaces.Contains(application.Key.Namespace)).ToList();
        if (project.ClusterProblem(clusters.ProjectOf(cluster), cluster.Server) is { } foreign)
        {
            outside.Add(foreign);
        }

        if (outside.Count > 0)
        {
            throw new ObservationException(new ApplicationCondition(ConditionTypes.InvalidSpec, string.Join('\n', outside)));
        }

        var sources = await repositories.ResolveAsync(application, revisions, options.PollInterval, cancellation).ConfigureAwait(false);
        await signatures.RequireAsync(project.SignatureKeys, application.Project, [.. sources.All.Select(s => (s.At.Remote, s.At.Commit))], cancellation).ConfigureAwait(false);
        var rendered = await RenderAsync(application, project, cluster, sources, hard, cancellation).ConfigureAwait(false);

        if (cluster.Live.Cluster is { IsReachable: false } lost)
        {
            throw new ObservationException(new ApplicationCondition(
                ConditionTypes.Comparison, $"cluster {application.Destination} is not reachable: {lost.Cause}; it is tried again, and nothing is pruned meanwhile"));
        }

        var discovery = await cluster.Client.DiscoverAsync(cancellation: cancellation).ConfigureAwait(false);
        var desired = state.Desired(rendered, discovery, application.Destination.Namespace, () => Place(application, rendered, discovery));
        await RequireListedAsync(state, cluster, desired, cancellation).ConfigureAwait(false);
        var affected = claims.Set(application.Key, cluster.Server, desired.Objects.Select(o => o.Key));
        if (affected.Count > 0)
        {
            Affected?.Invoke(affected);
        }

        var comparison = await CompareAsync(state, application, cluster, desired, cancellation).ConfigureAwait(false);
        return new Observation(application, cluster, sources.Revision, desired, comparison, [.. rendered.Select(r => r.SourceType)], Conditions(application, cluster, desired))
        {
            Windows = projects.Of(application).Windows(application, cluster.Server),
            Pauses = [.. new[] { Pause.Of(application.Object, "Application"), PauseOfSet(application), projects.Of(application).Pause }.OfType<Pause>()],
        };
    }

    private Pause? PauseOfSet(Application application) =>
        application.GeneratedBy is { } owner
        && clusters.Own.Live.Find(new ObjectKey(SetKind, application.Key.Namespace, owner)) is { } set
            ? Pause.Of(set.Read(), $"ApplicationSet {set.Name}")
            : null;

    // Half of what an Application wants is never compared: one source that does not render ends the look.
    private async Task<IReadOnlyList<RenderedSource>> RenderAsync(
        Application application, ProjectRules project, Cluster cluster, ResolvedSources sources, bool hard, CancellationToken cancellation)
    {
        var rendered = new List<RenderedSource>(sources.All.Count);
        foreach (var (source, at) in sources.All)
        {
            var target = await TargetAsync(application, cluster, source, at, sources, cancellation).ConfigureAwait(false);
            rendered.Add(await parts.RenderAsync(application, project, target, fetched => renderings.Render(at.Tree, source, at.Commit, hard, fetched), cancellation).ConfigureAwait(false));
        }

        return rendered.All(r => r.IsComplete)
            ? rendered
            : throw new ObservationException(new ApplicationCondition(ConditionTypes.Comparison, string.Join('\n', rendered.SelectMany(r => r.Problems))));
    }

    /// <summary>The commits that the Application's sources want now.</summary>
    public async Task<string> CommitOfAsync(Application application, CancellationToken cancellation) =>
        (await repositories.ResolveAsync(application, application.WantedRevisions, options.PollInterval, cancellation).ConfigureAwait(false)).Revision;

    /// <summary>The objects of an Application as it is wanted now, with what set each of their fields.</summary>
    public async Task<(ResolvedSources Sources, IReadOnlyList<TracedManifest> Manifests)> TraceAsync(Application application, CancellationToken cancellation)
    {
        var sources = await repositories.ResolveAsync(application, application.WantedRevisions, options.PollInterval, cancellation).ConfigureAwait(false);
        var manifests = new List<TracedManifest>();
        foreach (var (place, (source, at)) in sources.All.Index())
        {
            var target = await TargetAsync(application, clusters.Find(application.Destination), source, at, sources, cancellation).ConfigureAwait(false);
            manifests.AddRange(await parts.RenderAsync(
                application, projects.Of(application), target, fetched => SourceTracing.Trace(new RenderRequest(at.Tree, source, at.Commit, fetched), place), cancellation).ConfigureAwait(false));
        }

        return (sources, manifests);
    }

    private async Task<RenderTarget> TargetAsync(
        Application application, Cluster cluster, ApplicationSource source, ResolvedSource at, ResolvedSources sources, CancellationToken cancellation)
    {
        var versions = await cluster.VersionsAsync(cancellation).ConfigureAwait(false);
        return new RenderTarget(application.Object.Name, application.Destination.Namespace, application.Project, versions)
        {
            Charts = source.IsReferenceOnly ? null : await repositories.Charts.DependenciesAsync(at.Tree, source, cancellation).ConfigureAwait(false),
            Lent = sources.Lent,
        };
    }

    /// <summary>The objects that carry this Application's mark.</summary>
    public IReadOnlyList<CachedObject> Tracked(Cluster cluster, ApplicationKey key) => cluster.Live.Indexed(InstanceOf(key));

    private DesiredSet Place(Application application, IReadOnlyList<RenderedSource> rendered, ApiDiscovery discovery)
    {
        var space = application.Destination.Namespace;
        KindLookup kinds = kind => discovery.Find(kind) is { } resource ? new KindInfo(resource.Namespaced, resource.IsWatchable) : null;
        return new DesiredSetBuilder(kinds, space, DesiredSetBuilder.TrackBy(InstanceOf(application.Key), space)).Build([.. rendered.SelectMany(r => r.Manifests)]);
    }

    private static async Task RequireListedAsync(ApplicationState state, Cluster cluster, DesiredSet desired, CancellationToken cancellation)
    {
        var waiting = new HashSet<GroupKind>();
        foreach (var kind in desired.Objects.Concat(desired.Hooks).Where(o => o.IsServed).Select(o => o.Key.GroupKind).Distinct())
        {
            var held = cluster.Live.Kind(kind);
            held = held.Phase == KindPhase.NotHeld ? await cluster.Live.EnsureAsync(kind, cancellation).ConfigureAwait(false) : held;
            if (held.Phase == KindPhase.Failed)
            {
                throw new ObservationException(new ApplicationCondition(
                    ConditionTypes.Comparison, $"{kind} cannot be listed in cluster {cluster.Server}: {held.Cause}. Whether its objects exist cannot be told, so nothing is synced or pruned"));
            }

            if (held.Phase != KindPhase.Synced)
            {
                waiting.Add(kind);
            }
        }

        if (waiting.Count > 0)
        {
            state.Awaited = waiting;
            throw new NotListedYetException(waiting);
        }

        state.Awaited = desired.Objects.Where(o => !o.IsServed).Select(o => o.Key.GroupKind).ToHashSet();
    }

    public async Task<Comparison> CompareAsync(ApplicationState state, Application application, Cluster cluster, DesiredSet desired, CancellationToken cancellation)
    {
        var objects = new List<ComparedObject>(desired.Objects.Count);
        foreach (var wanted in desired.Objects)
        {
            objects.Add(await CompareAsync(state, application, cluster, wanted, cancellation).ConfigureAwait(false));
        }

        var keys = desired.Objects.Select(o => o.Key).ToHashSet();
        var isPlatform = IsPlatform(application);
        var project = projects.Of(application);
        var leftovers = SeededBugs.Has(SeededBugs.ForgetPrune) ? [] : Tracked(cluster, application.Key);
        foreach (var tracked in leftovers.Where(t => !keys.Contains(t.Key) && cluster.Live.IsSynced(t.Key.GroupKind)))
        {
            // The mark may have been written by somebody else: what this source may not write, it may not delete either.
            if (state.TryRecent(tracked.Key, tracked.ResourceVersion, out var after) && after is null || (!isPlatform && _guard.Reason(tracked.Key) is not null)
                || project.Refusal(application.Destination, cluster.Server, tracked.Key) is not null)
            {
                continue;
            }

            var live = tracked.Object;
            if (HookAnnotations.IsHook(live))
            {
                continue;
            }

            objects.Add(new ComparedObject(tracked.Kind, tracked.Key, null, live, [], HealthAssessment.Of(live)));
        }

        state.Trim(keys);
        return new Comparison(objects) { Hooks = desired.Hooks };
    }

    private async Task<ComparedObject> CompareAsync(
        ApplicationState state, Application application, Cluster cluster, DesiredObject wanted, CancellationToken cancellation)
    {
        var cached = cluster.Live.Find(wanted.Key);
        var claimants = claims.Of(cluster.Server, wanted.Key);
        var version = cached?.ResourceVersion ?? "";
        KubernetesObject? live;
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
            live = null;
            return state.Compare(wanted, version, claimants, () => Compare(application, wanted, cached?.Object, claimants, SchemaOf(cluster, wanted.Kind)));
        }

        return state.Compare(wanted, version, claimants, () => Compare(application, wanted, live, claimants, SchemaOf(cluster, wanted.Kind)));
    }

    private ComparedObject Compare(Application application, DesiredObject wanted, KubernetesObject? live, IReadOnlyList<ApplicationKey> claimants, ObjectSchema schema)
    {
        Compared?.Invoke();
        var owner = claimants.Count > 1
            ? Claims.Owner(claimants, live is null ? null : TrackingId.Of(live)?.Instance, InstanceOf)
            : application.Key;
        return new ComparedObject(
            wanted.Kind, wanted.Key, wanted, live, live is null || SeededBugs.Has(SeededBugs.SeeNoDifferences) ? [] : Differences(application, wanted, live, schema), live is null ? null : HealthAssessment.Of(live),
            owner == application.Key ? null : owner.ToString());
    }

    // Until the first apply takes them over, what other deliverers own counts as ours: it goes when it is not in Git.
    private static IReadOnlyList<FieldDifference> Differences(Application application, DesiredObject wanted, KubernetesObject live, ObjectSchema schema)
    {
        var (desired, counted) = application.Ignored.Strip(wanted.Object, live);
        return ObjectDiff.Of(desired, counted, new DiffOptions(schema) { OwnManagers = FieldTakeover.OwnersOf(live) });
    }

    private List<ApplicationCondition> Conditions(Application application, Cluster cluster, DesiredSet desired)
    {
        var conditions = new List<ApplicationCondition>();
        conditions.AddRange(desired.Problems.Select(p => new ApplicationCondition(ConditionTypes.InvalidSpec, p)));
        conditions.AddRange(desired.Repeated.Select(r => new ApplicationCondition(ConditionTypes.RepeatedResource, r)));
        conditions.AddRange(desired.Warnings.Select(w => new ApplicationCondition(ConditionTypes.Annotation, w)));
        if (!IsPlatform(application))
        {
            conditions.AddRange(_guard.Problems(desired.Objects.Concat(desired.Hooks)).Select(p => new ApplicationCondition(ConditionTypes.Forbidden, p)));
        }

        var refused = projects.Of(application).Problems(application.Destination, cluster.Server, desired.Objects.Concat(desired.Hooks));
        conditions.AddRange(refused.Select(p => new ApplicationCondition(ConditionTypes.Forbidden, p)));
        foreach (var wanted in desired.Objects)
        {
            var others = claims.Of(cluster.Server, wanted.Key);
            if (others.Count > 1)
            {
                conditions.Add(new ApplicationCondition(
                    ConditionTypes.SharedResource,
                    $"{wanted.Key} is part of Applications {string.Join(" and ", others)}; only one of them writes it. Remove it from all but one"));
            }
        }

        return conditions;
    }

    private bool IsPlatform(Application application) =>
        application.Sources.All(source => RepositoryUrl.TryParse(source.RepoUrl, out var url, out _)
            && options.PlatformRepositories.Any(p => RepositoryUrl.TryParse(p, out var platform, out _) && platform.Equals(url)));

    private static ObjectSchema SchemaOf(Cluster cluster, GroupVersionKind kind)
    {
        if (BuiltInSchemas.TryGet(kind, out var schema))
        {
            return schema;
        }

        var definitions = cluster.Live.List(new GroupKind("apiextensions.k8s.io", "CustomResourceDefinition"));
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
