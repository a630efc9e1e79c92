using Capstan.Delivery.Applications;
using Capstan.Delivery.Comparing;
using Capstan.Delivery.Pausing;
using Capstan.Delivery.Projects;
using Capstan.Delivery.Rendering;
using Capstan.Delivery.Settings.Argo;
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
    ClusterRegistry clusters, ProjectBook projects, SourceSignatures signatures, RepositoryReader repositories, KustomizeParts parts, RenderCache renderings,
    Claims claims, ArgoSettingsBook settings, LiveComparer comparer, WriteGuard guard, DeliveryOptions options)
{
    private const int MostOrphans = 10;
    private static readonly GroupKind SetKind = new("argoproj.io", "ApplicationSet");

    private readonly HashSet<string> _controlNamespaces = [.. options.ApplicationNamespaces];

    /// <summary>Told which other Applications have to look again because they want the same objects.</summary>
    public Action<IReadOnlyCollection<ApplicationKey>>? Affected { get; set; }

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

        var rules = Rules(cluster);
        var sources = await repositories.ResolveAsync(application, revisions, options.PollInterval, cancellation).ConfigureAwait(false);
        await signatures.RequireAsync(project.SignatureKeys, application.Project, [.. sources.All.Select(s => (s.At.Remote, s.At.Commit))], cancellation).ConfigureAwait(false);
        IReadOnlyList<RenderedSource> rendered;
        using (PushTraces.Step("render")) rendered = await RenderAsync(application, project, cluster, sources, hard, cancellation).ConfigureAwait(false);
        Failpoints.Reach(Failpoints.Rendered);

        if (cluster.Live.Cluster is { IsReachable: false } lost)
        {
            throw new ObservationException(new ApplicationCondition(
                ConditionTypes.Comparison, $"cluster {application.Destination} is not reachable: {lost.Cause}; it is tried again, and nothing is pruned meanwhile"));
        }

        var discovery = await cluster.Client.DiscoverAsync(cancellation: cancellation).ConfigureAwait(false);
        var desired = state.Desired(new DesiredInputs(rendered, discovery, rules, application.Destination.Namespace, application.Policy.NamespaceMetadata, application.Policy.Options.CreateNamespace), () => Place(application, rendered, discovery, cluster, rules));
        await RequireListedAsync(state, cluster, desired, cancellation).ConfigureAwait(false);
        var affected = claims.Set(application.Key, cluster.Server, desired.Objects.Where(o => !o.IsShared).Select(o => o.Key));
        if (affected.Count > 0)
        {
            Affected?.Invoke(affected);
        }

        var comparison = await CompareAsync(state, application, cluster, desired, cancellation).ConfigureAwait(false);
        return new Observation(application, cluster, sources.Revision, desired, comparison, [.. rendered.Select(r => r.SourceType)], Conditions(application, cluster, desired, rules))
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
    /// <exception cref="NotListedYetException">By what they are marked is not known yet.</exception>
    public IReadOnlyList<CachedObject> Tracked(Cluster cluster, ApplicationKey key)
    {
        Rules(cluster);
        return comparer.Tracked(cluster, key);
    }

    // A change of how objects are tracked has reached the index of the cluster.
    private ArgoSettings Rules(Cluster cluster)
    {
        var rules = settings.Require();
        return rules.Tracking == cluster.Tracking ? rules : throw new NotListedYetException(new HashSet<GroupKind> { new("", "ConfigMap") });
    }

    private DesiredSet Place(Application application, IReadOnlyList<RenderedSource> rendered, ApiDiscovery discovery, Cluster cluster, ArgoSettings rules)
    {
        var space = application.Destination.Namespace;
        KindLookup kinds = kind => discovery.Find(kind) is { } resource ? new KindInfo(resource.Namespaced, resource.IsWatchable) : null;
        var manifests = rendered.SelectMany(r => r.Manifests).ToLookup(m => rules.Kinds.LeavesOut(m.Object.GroupKind, cluster.Server));
        var set = new DesiredSetBuilder(kinds, space, o => rules.Tracking.Mark(o, comparer.InstanceOf(application.Key), space)).Build([.. manifests[false]]);
        return ManagedNamespace.Add(set, application) with
        {
            LeftOut = [.. manifests[true].Select(m => $"{m.Origin}: {m.Object}: its kind is left out by {ArgoSettingsReader.Name} (resource.exclusions, resource.inclusions), so it is neither applied nor pruned")],
        };
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

    /// <summary>Compares again what is wanted with what is live now.</summary>
    public Task<Comparison> CompareAsync(ApplicationState state, Application application, Cluster cluster, DesiredSet desired, CancellationToken cancellation) =>
        comparer.CompareAsync(state, application, IsPlatform(application), cluster, desired, cancellation);

    private List<ApplicationCondition> Conditions(Application application, Cluster cluster, DesiredSet desired, ArgoSettings rules)
    {
        var conditions = new List<ApplicationCondition>();
        conditions.AddRange(desired.Problems.Select(p => new ApplicationCondition(ConditionTypes.InvalidSpec, p)));
        conditions.AddRange(desired.Repeated.Select(r => new ApplicationCondition(ConditionTypes.RepeatedResource, r)));
        conditions.AddRange(desired.Warnings.Select(w => new ApplicationCondition(ConditionTypes.Annotation, w)));
        conditions.AddRange(desired.LeftOut.Select(l => new ApplicationCondition(ConditionTypes.ExcludedResource, l)));
        conditions.AddRange(rules.Warnings.Select(w => new ApplicationCondition(ConditionTypes.Settings, $"{ArgoSettingsReader.Name}: {w}")));
        if (!IsPlatform(application))
        {
            conditions.AddRange(guard.Problems(desired.Objects.Concat(desired.Hooks)).Select(p => new ApplicationCondition(ConditionTypes.Forbidden, p)));
        }

        var refused = projects.Of(application).Problems(application.Destination, cluster.Server, desired.Objects.Concat(desired.Hooks));
        conditions.AddRange(refused.Select(p => new ApplicationCondition(ConditionTypes.Forbidden, p)));
        if (projects.Of(application).Orphans is { Warns: true } orphans && application.Destination.Namespace is { Length: > 0 } space
            && orphans.Find(cluster.Live, space, rules.Tracking, key => claims.Of(cluster.Server, key).Count > 0) is { Count: > 0 } found)
        {
            conditions.Add(new ApplicationCondition(
                ConditionTypes.Orphaned,
                $"namespace {space} has {found.Count} orphaned resources: {string.Join(", ", found.Take(MostOrphans))}{(found.Count > MostOrphans ? $" and {found.Count - MostOrphans} more" : "")}"));
        }

        foreach (var wanted in desired.Objects.Where(o => !o.IsShared))
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

    /// <summary>Why an Application may not write an object; null when it may.</summary>
    public string? Refusal(Observation seen, ObjectKey key) =>
        (IsPlatform(seen.Application) ? null : guard.Reason(key)) ?? projects.Of(seen.Application).Refusal(seen.Application.Destination, seen.Cluster.Server, key);

    private bool IsPlatform(Application application) =>
        application.Sources.All(source => RepositoryUrl.TryParse(source.RepoUrl, out var url, out _)
            && options.PlatformRepositories.Any(p => RepositoryUrl.TryParse(p, out var platform, out _) && platform.Equals(url)));
}
