using System.Collections.Concurrent;
using Capstan.Delivery.Actions;
using Capstan.Delivery.Applications;
using Capstan.Delivery.ApplicationSets;
using Capstan.Delivery.ApplicationSets.Controlling;
using Capstan.Delivery.ApplicationSets.Hosting;
using Capstan.Delivery.Comparing;
using Capstan.Delivery.Health;
using Capstan.Delivery.Pausing;
using Capstan.Delivery.Projects;
using Capstan.Delivery.Rendering;
using Capstan.Delivery.Scripts;
using Capstan.Delivery.Settings;
using Capstan.Delivery.Settings.Argo;
using Capstan.Delivery.Tracking;
using Capstan.Faults;
using Capstan.Kubernetes;
using Capstan.Reconcile;
using Capstan.Resources;
using Capstan.Sources.Git;
using Capstan.Sources.Git.Urls;
using Capstan.Sources.Git.Writing;
using Capstan.Sources.Http;
using Capstan.Sources.Registries;
using Microsoft.Extensions.Logging;

namespace Capstan.Delivery.Controllers;

/// <summary>
/// The engine: brings every Application to what Git says and keeps it there. Start it with <see cref="RunAsync"/>; tell it of pushes
/// with <see cref="NotifyPush"/>. What people ask of it is in <see cref="Desk"/>.
/// </summary>
public sealed class DeliveryEngine : IAsyncDisposable
{
    private static readonly GroupKind Applications = Application.Kind.GroupKind;

    // What happens to an Application's objects in one moment (they are written, and controllers look at them) is one reason to look, not ten.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(25);

    private readonly ConcurrentDictionary<ApplicationKey, ApplicationState> _states = new();
    private readonly ConcurrentDictionary<ApplicationKey, string> _projects = new();
    private readonly Claims _claims = new();
    private readonly ForeignControllers _foreign = new();
    private readonly DeliveryOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Cluster _own;
    private readonly TrackingInUse _tracking = new();
    private readonly ArgoSettingsBook _argo;
    private readonly ScriptHost _scripts;
    private readonly ObjectHealth _health;
    private readonly ClusterRegistry _clusters;
    private readonly RepositoryReader _repositories;
    private readonly KustomizeParts _parts;
    private readonly StatusPublisher _publisher;
    private readonly Observer _observer;
    private readonly ApplicationReconciler _reconciler;
    private readonly DeletionRunner _deletions;
    private readonly ReconcileLoop<ApplicationKey> _loop;
    private readonly HostingClient _hosting;
    private readonly SetController _sets;
    private readonly ConcurrentQueue<Task> _followers = new();
    private CancellationToken _running;

    /// <summary>Puts an engine together. It takes the client over.</summary>
    /// <param name="own">The cluster that holds the Applications.</param>
    /// <param name="mirrors">The Git repositories.</param>
    /// <param name="options">How it works.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where it logs.</param>
    /// <param name="files">Repositories of charts; null when there are to be none.</param>
    /// <param name="artifacts">Charts in registries; null when there are to be none.</param>
    public DeliveryEngine(ClusterClient own, GitMirrors mirrors, DeliveryOptions options, TimeProvider time, ILogger log, RepositoryFiles? files = null, ArtifactFiles? artifacts = null)
    {
        (_options, _time, _log) = (options, time, log);
        _own = new Cluster(ApplicationDestination.InCluster, own, _tracking, options, time);
        _argo = new ArgoSettingsBook(_own.Live, options);
        _scripts = new ScriptHost(options.Scripts, time);
        _health = new ObjectHealth(_scripts);
        _clusters = new ClusterRegistry(_own, _tracking, options, time, log) { Added = Follow };
        var secrets = new RepositorySecrets(_own.Live, options);
        _repositories = new RepositoryReader(mirrors, secrets, new ChartReader(files, artifacts, secrets, options), options, time);
        _publisher = new StatusPublisher(own, Find, options.Workers, time, log);
        Renderings = new RenderCache();
        Metrics = new DeliveryMetrics(() => Renderings.Rendered);
        var projects = new ProjectBook(_own.Live, options);
        var settings = new SettingsBook(_own.Live, options);
        Settings = () => settings.Current;
        _parts = new KustomizeParts(_repositories, settings, options, time);
        var guard = new WriteGuard(options.OwnNamespaces);
        var comparer = new LiveComparer(projects, _argo, _claims, guard, _health, options) { Compared = Metrics.Compared };
        var signatures = new SourceSignatures(_own.Live, mirrors, options);
        _observer = new Observer(_clusters, projects, signatures, _repositories, _parts, Renderings, _claims, _argo, comparer, guard, options) { Affected = Enqueue };
        var desk = new OperationDesk(_repositories, _publisher, Metrics, time);
        var operations = new OperationRunner(desk, _publisher, Metrics, options, time);
        var hooks = new DeletionHooks(_observer, _publisher);
        _reconciler = new ApplicationReconciler(_observer, desk, operations, hooks, _publisher, options, time);
        _deletions = new DeletionRunner(_observer, _clusters, hooks, _publisher, time);
        _loop = new ReconcileLoop<ApplicationKey>(new ReconcileOptions("applications") { Workers = options.Workers }, ReconcileAsync, time, log, SurfaceAsync, ShareOf);
        _hosting = new HostingClient(options.HostingHosts);
        _sets = new SetController(_own, new ClusterInputs(_own, _repositories, _hosting, options), projects, options, () => _foreign.Condition, time, log);
        Sets = new SetDesk(_own, _sets, options, time);
        Actions = new ActionDesk(key => Find(key)?.Last, _argo, new ScriptedActionRun(_scripts), _observer.Refusal, time);
        Desk = new ApplicationDesk(new DeskContext(_own, _observer, _repositories, _publisher, new CommitWriter(mirrors, time), mirrors, options, time), Find, key => _loop.Enqueue(key, urgent: true));
    }

    /// <summary>What people ask: list, plan, sync, refresh, terminate, roll back, why, tree, history.</summary>
    public ApplicationDesk Desk { get; }

    /// <summary>What people do with single objects of Applications.</summary>
    public ActionDesk Actions { get; }

    /// <summary>What the operator allows now.</summary>
    public Func<OperatorSettings> Settings { get; }

    /// <summary>What people ask of ApplicationSets.</summary>
    public SetDesk Sets { get; }

    /// <summary>The renderings in memory; its counters tell how much was really rendered.</summary>
    public RenderCache Renderings { get; }

    /// <summary>What the engine did since it began.</summary>
    public DeliveryMetrics Metrics { get; }

    /// <summary>Works until the token is cancelled; what runs then is stopped, and goes on at the next start.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        _running = cancellation;
        _log.Started(string.Join(", ", _options.ApplicationNamespaces));
        Follow(_own);
        _own.Live.Start();
        await Task.WhenAll(_loop.RunAsync(cancellation), _publisher.RunAsync(cancellation), _sets.RunAsync(cancellation)).ConfigureAwait(false);
        while (_followers.TryDequeue(out var follower))
        {
            await follower.ConfigureAwait(false);
        }
    }

    /// <summary>Says that a repository has news. All Applications of it look again at once.</summary>
    /// <param name="repoUrl">Any address of the repository.</param>
    public void NotifyPush(string repoUrl)
    {
        if (!RepositoryUrl.TryParse(repoUrl, out var pushed, out _) || SeededBugs.Has(SeededBugs.ForgetPushes))
        {
            return;
        }

        _repositories.Forget(repoUrl);
        var (count, traced) = (0, PushTraces.OfNow(_time));
        foreach (var state in _states.Values)
        {
            var sources = state.Application?.Sources.Where(s => RepositoryUrl.TryParse(s.RepoUrl, out var url, out _) && (url.Equals(pushed) || url.NamesSameRepository(pushed))).ToList();
            if (sources is { Count: > 0 } || _parts.Uses(state.Key, pushed))
            {
                sources?.ForEach(s => _repositories.Forget(s.RepoUrl));
                state.Push = traced;
                _loop.Enqueue(state.Key);
                count++;
            }
        }

        _sets.Stale(SetRepositories.Read(pushed));
        _log.Pushed(pushed.Text, count);
    }

    /// <summary>Holds what is known of the clusters in less room. Call it when little happens.</summary>
    public void Shrink()
    {
        foreach (var cluster in _clusters.All)
        {
            cluster.Live.Shrink();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _loop.Dispose();
        _sets.Dispose();
        _hosting.Dispose();
        _scripts.Dispose();
        _publisher.Dispose();
        Metrics.Dispose();
        await _clusters.DisposeAsync().ConfigureAwait(false);
        await _own.DisposeAsync().ConfigureAwait(false);
        foreach (var state in _states.Values)
        {
            state.Dispose();
        }
    }

    // Projects share the workers evenly, however many Applications each has.
    private string ShareOf(ApplicationKey key) => _projects.GetValueOrDefault(key, "");

    private ApplicationState? Find(ApplicationKey key) => _states.GetValueOrDefault(key);

    private void Enqueue(IReadOnlyCollection<ApplicationKey> keys)
    {
        foreach (var key in keys)
        {
            _loop.Enqueue(key);
        }
    }

    private async Task<Outcome> ReconcileAsync(ApplicationKey key, CancellationToken cancellation)
    {
        if (_own.Live.Find(new ObjectKey(Applications, key.Namespace, key.Name)) is not { } cached)
        {
            // Only a list that is complete can say that it is gone.
            if (_own.Live.IsSynced(Applications) && _states.TryRemove(key, out _))
            {
                Enqueue(_claims.Remove(key));
                _loop.Forget(key);
                _parts.Forget(key);
                _projects.TryRemove(key, out _);
            }

            return new Outcome.Succeeded("Gone");
        }

        var state = _states.GetOrAdd(key, k => new ApplicationState(k, _time));
        var application = state.Read(cached);
        if (application.IsPaused)
        {
            return new Outcome.Succeeded("Paused", $"the annotation {Application.SkipReconcileAnnotation} is set");
        }

        var obstacle = _foreign.Condition ?? Namesake(key);
        return application.IsBeingDeleted && obstacle is null
            ? await _deletions.RunAsync(state, application, cancellation).ConfigureAwait(false)
            : await _reconciler.ReconcileAsync(state, application, obstacle, cancellation).ConfigureAwait(false);
    }

    // Objects are tracked by the bare name in all these namespaces: two of one name would prune one another's objects.
    private ApplicationCondition? Namesake(ApplicationKey key)
    {
        foreach (var space in _options.ApplicationNamespaces.TakeWhile(s => s != key.Namespace))
        {
            if (_own.Live.Find(new ObjectKey(Applications, space, key.Name)) is not null)
            {
                return new ApplicationCondition(ConditionTypes.InvalidSpec, $"Application {space}/{key.Name} has the same name, and both would track objects by it. Rename one of them");
            }
        }

        return null;
    }

    // Whatever nobody foresaw is said by the Application itself; the loop has logged it and tries again later and later.
    private Task SurfaceAsync(ApplicationKey key, Surface surface, CancellationToken cancellation)
    {
        if (surface.Reason is "UnexpectedError" or "TimedOut" && Find(key) is { } state)
        {
            var condition = new ApplicationCondition(ConditionTypes.Unknown, $"{surface.Message}. This is a fault of Capstan; its log tells more");
            state.Status = state.Status with { Sync = SyncCode.Unknown, Conditions = [(condition, _time.GetUtcNow())] };
            _publisher.Publish(state);
        }

        return Task.CompletedTask;
    }

    private void Follow(Cluster cluster)
    {
        cluster.Hooks.Health = (hook, cancellation) => _health.OfAsync(hook, _argo.Current, cancellation);
        _followers.Enqueue(Task.Run(() => FollowAsync(cluster, _running), CancellationToken.None));
    }

    private async Task FollowAsync(Cluster cluster, CancellationToken cancellation)
    {
        using var feed = cluster.Live.Subscribe(withCurrent: true);
        try
        {
            await foreach (var batch in feed.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                foreach (var change in batch)
                {
                    if (SeededBugs.Has(SeededBugs.GoDeaf) && change is ObjectChanged { New.Object.Spec: var spec, Key: { GroupKind: var kind } } && kind == Applications && spec.Count == 0)
                    {
                        return;
                    }

                    TryTake(cluster, change);
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The engine ends, and with it everything that follows changes.
        }
    }

    // One object that nobody foresaw must not make the engine deaf to all others.
    private void TryTake(Cluster cluster, CacheChange change)
    {
        try
        {
            Take(cluster, change);
        }
        catch (Exception error)
        {
            _log.ChangeNotTaken(error, cluster.Server, change);
        }
    }

    private void Take(Cluster cluster, CacheChange change)
    {
        switch (change)
        {
            case ObjectChanged changed:
                TakeObject(cluster, changed);
                break;
            case KindChanged kind:
                Enqueue([.. _states.Values.Where(s => s.Cluster == cluster && s.Awaited.Contains(kind.State.Kind)).Select(s => s.Key)]);
                break;
            case ClusterChanged:
                Enqueue([.. _states.Values.Where(s => s.Cluster == cluster).Select(s => s.Key)]);
                break;
        }
    }

    private void TakeObject(Cluster cluster, ObjectChanged changed)
    {
        if (cluster == _own)
        {
            TakeOwn(changed);
        }

        if (changed is { Old: { } before, New: { } now } && _argo.Current is var rules && rules.MayIgnoreUpdates(changed.Key.GroupKind) && rules.IsNoNews(before.Read(), now.Read()))
        {
            return;
        }

        foreach (var key in _claims.Of(cluster.Server, changed.Key))
        {
            _loop.EnqueueAfter(key, Gathering);
        }

        EnqueueTracker(cluster, changed.Old);
        EnqueueTracker(cluster, changed.New);
    }

    private void TakeOwn(ObjectChanged changed)
    {
        _sets.Take(changed);
        if (changed.Key.GroupKind == Applications && _options.ApplicationNamespaces.Contains(changed.Key.Namespace))
        {
            var key = new ApplicationKey(changed.Key.Namespace, changed.Key.Name);
            if (changed.New is not { } now)
            {
                _loop.Enqueue(key);
            }
            else if (Find(key) is not { } state || state.OwnVersion != now.ResourceVersion)
            {
                var read = now.Read();
                _projects[key] = read.Spec["project"]?.AsString() ?? "";
                _loop.Enqueue(key, urgent: read.Body["operation"] is not null || read.Annotation(Application.RefreshAnnotation) is not null);
            }
        }
        else if (_foreign.Take(changed))
        {
            if (_foreign.Condition is { } condition)
            {
                _log.ForeignController(condition.Message);
            }
            else
            {
                _log.ForeignControllerGone();
            }

            Enqueue([.. _states.Keys]);
            _sets.Look();
        }
        else if (changed.Key.GroupKind is { Group: "argoproj.io", Kind: "ApplicationSet" })
        {
            // A pause of the set counts for what it generated; most changes of a set are its status, and no news here.
            if (changed is { Old: { } old, New: { } now } && old.Read().Annotation(Pause.UntilAnnotation) != now.Read().Annotation(Pause.UntilAnnotation))
            {
                Enqueue([.. _states.Values.Where(s => s.Key.Namespace == changed.Key.Namespace && s.Application?.GeneratedBy == changed.Key.Name).Select(s => s.Key)]);
            }
        }
        else if (changed.Key.GroupKind == AppProject.Kind.GroupKind)
        {
            Enqueue([.. _states.Values.Where(s => s.Application?.Project == changed.Key.Name).Select(s => s.Key)]);
        }
        else if (changed.Key.GroupKind is { Group: "", Kind: "ConfigMap" } && changed.Key.Name == ArgoSettingsReader.Name && _options.ApplicationNamespaces.Contains(changed.Key.Namespace))
        {
            _tracking.Rules = _argo.Current.Tracking;
            foreach (var cluster in _clusters.All)
            {
                cluster.Retrack();
            }

            Enqueue([.. _states.Keys]);
        }
        else if (changed.Key.GroupKind == OperatorSettings.Kind.GroupKind
            || (changed.Key.GroupKind is { Group: "", Kind: "ConfigMap" } && changed.Key.Name is SourceSignatures.GnuPgKeys or SourceSignatures.SshKeys))
        {
            Enqueue([.. _states.Keys]);
        }
        else if (changed.Key.GroupKind is { Group: "", Kind: "Secret" } && (changed.New ?? changed.Old)?.Mark(Cluster.SecretTypeLabel) is not null)
        {
            Enqueue([.. _states.Keys]);
        }
    }

    private void EnqueueTracker(Cluster cluster, CachedObject? @object)
    {
        if (@object is null || cluster.Tracking.InstanceOf(@object) is not { } instance)
        {
            return;
        }

        foreach (var space in _options.ApplicationNamespaces)
        {
            if (_states.ContainsKey(new ApplicationKey(space, instance)))
            {
                _loop.EnqueueAfter(new ApplicationKey(space, instance), Gathering);
            }
        }
    }
}
