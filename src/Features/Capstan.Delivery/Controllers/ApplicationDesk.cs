using System.Runtime.CompilerServices;
using Capstan.Delivery.Applications;
using Capstan.Delivery.Explaining;
using Capstan.Delivery.Pausing;
using Capstan.Delivery.Projects.Windows;
using Capstan.Delivery.Sync;
using Capstan.Delivery.Undo;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Sources.Git;
using Capstan.Sources.Git.Reading;
using Capstan.Sources.Git.Writing;
using Capstan.Yaml;

namespace Capstan.Delivery.Controllers;

/// <summary>What the desk works with.</summary>
internal sealed record DeskContext(
    Cluster Own, Observer Observer, RepositoryReader Repositories, StatusPublisher Publisher, CommitWriter Writer, GitMirrors Mirrors, DeliveryOptions Options, TimeProvider Time);

/// <summary>An Application that somebody asked for is not there.</summary>
public sealed class ApplicationNotFoundException(ApplicationKey key) : Exception($"Application/{key}: there is no such Application");

/// <summary>
/// Answers what people ask of Applications, and takes what they want done. Wishes are written into the Application object, so they
/// outlive the process and are seen by every tool.
/// </summary>
public sealed class ApplicationDesk
{
    private static readonly GroupKind Applications = Application.Kind.GroupKind;

    private readonly DeskContext _context;
    private readonly Func<ApplicationKey, ApplicationState?> _find;
    private readonly Func<ApplicationKey, bool> _wake;
    private readonly Rollbacks _rollbacks;

    internal ApplicationDesk(DeskContext context, Func<ApplicationKey, ApplicationState?> find, Func<ApplicationKey, bool> wake)
    {
        (_context, _find, _wake) = (context, find, wake);
        _rollbacks = new Rollbacks(context);
    }

    /// <summary>All Applications as their objects are in the cluster, by namespace and name.</summary>
    public IReadOnlyList<KubernetesObject> List() =>
        [.. _context.Options.ApplicationNamespaces.SelectMany(s => _context.Own.Live.List(Applications, s)).OrderBy(o => o.Namespace, StringComparer.Ordinal)
            .ThenBy(o => o.Name, StringComparer.Ordinal).Select(o => Shown(new ApplicationKey(o.Namespace, o.Name), o))];

    /// <summary>One Application; null when it is not there.</summary>
    public KubernetesObject? Get(ApplicationKey key) =>
        _context.Own.Live.Find(new ObjectKey(Applications, key.Namespace, key.Name)) is { } cached ? Shown(key, cached) : null;

    /// <summary>The key of an Application by its bare name, in the first of the namespaces that has it; null when none has.</summary>
    public ApplicationKey? Find(string name) => _context.Options.ApplicationNamespaces
        .Select(s => (ApplicationKey?)new ApplicationKey(s, name)).FirstOrDefault(k => _context.Own.Live.Find(new ObjectKey(Applications, k!.Value.Namespace, name)) is not null);

    /// <summary>Follows all Applications: first as they are, then as they change; null for one that is gone. It ends with the token only.</summary>
    public async IAsyncEnumerable<(ApplicationKey Key, KubernetesObject? Application)> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using var feed = _context.Own.Live.Subscribe(withCurrent: true);
        await foreach (var batch in feed.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            foreach (var change in batch.OfType<ObjectChanged>().Where(c => c.Key.GroupKind == Applications && _context.Options.ApplicationNamespaces.Contains(c.Key.Namespace)))
            {
                var key = new ApplicationKey(change.Key.Namespace, change.Key.Name);
                yield return (key, change.New is { } now ? Shown(key, now) : null);
            }
        }
    }

    /// <summary>
    /// Follows one Application: first as it is, then as it changes; ends when it is gone. As long as somebody follows, the commit that it
    /// was last compared with is news too.
    /// </summary>
    public async IAsyncEnumerable<KubernetesObject> FollowAsync(ApplicationKey key, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var following = _context.Publisher.Follow(key);
        using var feed = _context.Own.Live.Subscribe(withCurrent: true);
        var place = new ObjectKey(Applications, key.Namespace, key.Name);
        await foreach (var batch in feed.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            foreach (var change in batch.OfType<ObjectChanged>().Where(c => c.Key == place))
            {
                if (change.New is null)
                {
                    yield break;
                }

                yield return Shown(key, change.New);
            }
        }
    }

    /// <summary>What a sync would do now. It writes nothing.</summary>
    /// <param name="key">Which Application.</param>
    /// <param name="revision">Another revision than the Application's own; null for its own.</param>
    /// <param name="prune">Whether to prune; null for what the Application says.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="DeliveryException">It cannot be told; the message is that of the condition.</exception>
    public async Task<SyncPlan> PlanAsync(ApplicationKey key, string? revision, bool? prune, CancellationToken cancellation)
    {
        var seen = await LookAsync(key, revision, cancellation).ConfigureAwait(false);
        var policy = seen.Application.Policy;
        return SyncPlanner.Plan(
            seen.Comparison, new SyncRules(prune ?? policy.Automated?.Prune == true, policy.Automated?.AllowEmpty == true, policy.Options.PruneLast), seen.Commit);
    }

    /// <summary>What the source wants, as it may be shown: the values of Secrets are hidden.</summary>
    /// <param name="key">Which Application.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="DeliveryException">It cannot be told; the message is that of the condition.</exception>
    public async Task<IReadOnlyList<KubernetesObject>> ManifestsAsync(ApplicationKey key, CancellationToken cancellation)
    {
        var plan = await PlanAsync(key, null, null, cancellation).ConfigureAwait(false);
        return [.. plan.Steps.Select(step => step.Desired?.Object).OfType<KubernetesObject>().Select(wanted => SecretMask.Apply(wanted))];
    }

    /// <summary>Asks for a sync. It starts at once and is on record in the Application.</summary>
    /// <param name="key">Which Application.</param>
    /// <param name="user">Who asks.</param>
    /// <param name="revision">Another revision than the Application's own; null for its own.</param>
    /// <param name="prune">Whether to prune; null for what the Application says.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="DeliveryException">A sync window of the project is against it.</exception>
    public async Task SyncAsync(ApplicationKey key, string user, string? revision, bool? prune, CancellationToken cancellation)
    {
        var application = ApplicationReader.Read(Get(key) ?? throw new ApplicationNotFoundException(key));
        if (_find(key)?.Last is { } seen && WindowDecision.Of(seen.Windows, _context.Time.GetUtcNow()) is { ManualAllowed: false } closed)
        {
            throw new DeliveryException($"Application/{key} cannot be synced now: {closed.Message}. Wait, or set manualSync in spec.syncWindows of the project {application.Project}");
        }

        var sync = YamlMap.Of(("prune", prune ?? application.Policy.Automated?.Prune == true));
        sync = revision is { Length: > 0 }
            ? application.HasSources ? sync.With("revisions", new YamlList(SourceRevisions.Split(revision).Select(r => (YamlNode)r))) : sync.With("revision", revision)
            : sync;
        await PatchAsync(key, YamlMap.Of(("operation", YamlMap.Of(("initiatedBy", YamlMap.Of(("username", user))), ("sync", sync)))), cancellation).ConfigureAwait(false);
    }

    /// <summary>Asks to look again at once, at the repository too.</summary>
    /// <param name="key">Which Application.</param>
    /// <param name="hard">Whether to forget what was rendered.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task RefreshAsync(ApplicationKey key, bool hard, CancellationToken cancellation)
    {
        var application = ApplicationReader.Read(Get(key) ?? throw new ApplicationNotFoundException(key));
        _context.Repositories.Forget(application);
        await AnnotateAsync(key, Application.RefreshAnnotation, hard ? "hard" : "normal", cancellation).ConfigureAwait(false);
    }

    /// <summary>Stops the operation that runs; what it did stays.</summary>
    /// <returns>False when none ran.</returns>
    public async Task<bool> TerminateAsync(ApplicationKey key, CancellationToken cancellation)
    {
        if (_find(key)?.Status.Operation is not { IsFinished: false })
        {
            return false;
        }

        await PatchAsync(key, YamlMap.Of(("status", YamlMap.Of(("operationState", YamlMap.Of(("phase", "Terminating")))))), cancellation).ConfigureAwait(false);
        if (_find(key)?.Running is { } running)
        {
            await running.CancelAsync().ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Rests the automation of an Application, or of all that a set generated or a project holds; or lets it go on.</summary>
    /// <param name="object">The Application, ApplicationSet or AppProject.</param>
    /// <param name="pause">Until when and why; null to go on.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task PauseAsync(ObjectKey @object, Pause? pause, CancellationToken cancellation)
    {
        var resource = await _context.Own.Client.ResolveAsync(@object.GroupKind, cancellation).ConfigureAwait(false);
        var options = new WriteOptions { FieldManager = "capstan-pause" };
        await _context.Own.Client.PatchAsync(resource, @object.Namespace, @object.Name, PatchKind.Merge, Pause.Patch(pause), options, cancellation: cancellation).ConfigureAwait(false);
    }

    /// <summary>Goes back to an earlier deployment: by a commit where Capstan may push, else by a pin.</summary>
    /// <param name="key">Which Application.</param>
    /// <param name="to">A commit or the number of a deployment; null for the last one that succeeded at another revision.</param>
    /// <param name="user">Who asks.</param>
    /// <param name="dryRun">Whether only the difference is told.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="DeliveryException">There is nothing to go back to.</exception>
    public async Task<RollbackOutcome> RollbackAsync(ApplicationKey key, string? to, string user, bool dryRun, CancellationToken cancellation)
    {
        var application = ApplicationReader.Read(Get(key) ?? throw new ApplicationNotFoundException(key));
        var outcome = await _rollbacks.RunAsync(application, History(key), to, user, dryRun, cancellation).ConfigureAwait(false);
        if (outcome.Pinned)
        {
            await AnnotateAsync(key, Application.PinAnnotation, outcome.To, cancellation).ConfigureAwait(false);
        }

        _wake(key);
        return outcome;
    }

    /// <summary>Lifts a pin.</summary>
    public Task UnpinAsync(ApplicationKey key, CancellationToken cancellation) => AnnotateAsync(key, Application.PinAnnotation, null, cancellation);

    /// <summary>The deployments, the newest first; failed ones too.</summary>
    public IReadOnlyList<Deployment> History(ApplicationKey key)
    {
        var status = _find(key)?.Status ?? StatusReader.Read((Get(key) ?? throw new ApplicationNotFoundException(key)).Status);
        return [.. status.Deployments.Reverse()];
    }

    /// <summary>Why an Application is not green; empty when it is.</summary>
    public async Task<IReadOnlyList<Explanation>> WhyAsync(ApplicationKey key, CancellationToken cancellation)
    {
        _ = Get(key) ?? throw new ApplicationNotFoundException(key);
        return _find(key) is { } state ? await Explainer.ExplainAsync(state.Status, state.Last, cancellation).ConfigureAwait(false) : [];
    }

    /// <summary>Which line set each field of an object, and which commit wrote that line.</summary>
    /// <param name="key">Which Application.</param>
    /// <param name="object"><c>KIND/NAME</c> or <c>KIND/NAMESPACE/NAME</c>.</param>
    /// <param name="field">A field, for it and what is below; empty for all.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="DeliveryException">There is no such object or field, or the source cannot be rendered.</exception>
    public async Task<(string Revision, IReadOnlyList<FieldBlame> Fields)> BlameAsync(ApplicationKey key, string @object, string field, CancellationToken cancellation)
    {
        var application = ApplicationReader.Read(Get(key) ?? throw new ApplicationNotFoundException(key));
        if (application.Problems.Count > 0)
        {
            throw new DeliveryException(string.Join('\n', application.Problems));
        }

        var (sources, manifests) = await _context.Observer.TraceAsync(application, cancellation).ConfigureAwait(false);
        var chosen = Blamer.Choose(manifests, @object, application.Destination.Namespace);
        var compared = _find(key)?.Last is { } seen && seen.Commit == sources.Revision
            ? seen.Comparison.Objects.FirstOrDefault(o => o.Key.GroupKind == chosen.Object.GroupKind && o.Key.Name == chosen.Object.Name)
            : null;
        var blamer = new Blamer(
            chosen,
            (place, path) => sources.All[place].At is { Remote: { } remote } at ? _context.Mirrors.BlameAsync(remote, at.Commit, path, cancellation) : Task.FromResult<IReadOnlyList<CommitInfo>>([]),
            compared?.Differences ?? [],
            application.HasSources ? [.. application.Sources.Select(s => s.RepoUrl)] : []);
        return (sources.Revision, await blamer.FieldsAsync(field).ConfigureAwait(false));
    }

    /// <summary>The objects of an Application with what they own.</summary>
    public IReadOnlyList<ObjectNode> Tree(ApplicationKey key)
    {
        _ = Get(key) ?? throw new ApplicationNotFoundException(key);
        return _find(key)?.Last is { } seen ? ObjectTree.Of(seen.Comparison, seen.Cluster.Live) : [];
    }

    // A commit that changed nothing here is not written into the object, but it is what was compared last.
    private KubernetesObject Shown(ApplicationKey key, CachedObject cached)
    {
        var read = cached.Read();
        return _find(key)?.Status is { Revision.Length: > 0 } status && StatusReader.Revision(read.Status["sync"]) is { Length: > 0 } written
            && written != status.Revision && OnlyRevisionMoved(status, read)
            ? read.With(["status", "sync"], StatusWriter.WriteSync(status))
            : read;
    }

    // While a sync runs, or its end is not written yet, what the object says belongs to the commit before.
    private static bool OnlyRevisionMoved(ApplicationStatus status, KubernetesObject read) =>
        read.Status.At("sync", "status")?.AsString() == status.Sync.ToString()
        && (status.Operation is not { } operation || (operation.IsFinished
            && read.Status.At("operationState", "phase")?.AsString() == operation.Phase.ToString()
            && StatusReader.Revision(read.Status.At("operationState", "syncResult")) == operation.Revision
            && read.Status.At("operationState", "startedAt")?.AsString() == StatusWriter.Time(operation.StartedAt)));

    private async Task<Observation> LookAsync(ApplicationKey key, string? revision, CancellationToken cancellation)
    {
        var application = ApplicationReader.Read(Get(key) ?? throw new ApplicationNotFoundException(key));
        if (application.Problems.Count > 0)
        {
            throw new DeliveryException(string.Join('\n', application.Problems));
        }

        // A state of its own: the reconciler's belongs to the reconciler.
        using var scratch = new ApplicationState(key, _context.Time);
        try
        {
            return await _context.Observer.LookAsync(scratch, application, revision is null ? application.WantedRevisions : application.RevisionsOf(revision), hard: false, cancellation).ConfigureAwait(false);
        }
        catch (ObservationException error)
        {
            throw new DeliveryException(error.Condition.Message, error);
        }
        catch (NotListedYetException error)
        {
            throw new DeliveryException($"the cluster is still being listed ({string.Join(", ", error.Kinds)}); ask again in a moment", error);
        }
    }

    private Task AnnotateAsync(ApplicationKey key, string annotation, string? value, CancellationToken cancellation) => PatchAsync(
        key, YamlMap.Of(("metadata", YamlMap.Of(("annotations", YamlMap.Of((annotation, value is null ? YamlScalar.Null : YamlScalar.String(value))))))), cancellation);

    private async Task PatchAsync(ApplicationKey key, YamlMap patch, CancellationToken cancellation)
    {
        try
        {
            await _context.Publisher.PatchAsync(key, patch, cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException error) when (error.IsNotFound)
        {
            throw new ApplicationNotFoundException(key);
        }
    }
}

/// <summary>Something that was asked for cannot be done; the message says why and what to do.</summary>
public sealed class DeliveryException(string message, Exception? inner = null) : Exception(message, inner);
