using Capstan.Delivery.Comparing.Ignoring;
using Capstan.Delivery.Sync.Directives;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Applications;

/// <summary>Which Application: the namespace its object lives in, and its name.</summary>
/// <param name="Namespace">The namespace of the Application object.</param>
/// <param name="Name">Its name.</param>
public readonly record struct ApplicationKey(string Namespace, string Name)
{
    /// <summary><c>namespace/name</c>.</summary>
    public override string ToString() => $"{Namespace}/{Name}";
}

/// <summary>One Application as its author wrote it. Whatever cannot be served is in <see cref="Problems"/>; it is never guessed.</summary>
/// <param name="Object">The object that was read.</param>
/// <param name="Sources">Where the manifests come from: at least one source, in the order in which they count.</param>
/// <param name="Destination">Where they go.</param>
/// <param name="Project">The project.</param>
/// <param name="Policy">When and how to sync.</param>
/// <param name="HistoryLimit">How many deployments the history keeps.</param>
/// <param name="Problems">Everything in the spec that is wrong or not served yet. While there is one, the Application is not synced.</param>
public sealed record Application(
    KubernetesObject Object,
    IReadOnlyList<ApplicationSource> Sources,
    ApplicationDestination Destination,
    string Project,
    SyncPolicy Policy,
    int HistoryLimit,
    IReadOnlyList<string> Problems)
{
    /// <summary>The only source, or the first of several.</summary>
    public ApplicationSource Source => Sources[0];

    /// <summary>Whether the spec says <c>sources</c>, so that status speaks of several too.</summary>
    public bool HasSources { get; init; }

    /// <summary>What is synced as written: the map of <c>source</c>, or the list of <c>sources</c>.</summary>
    public YamlNode SourceBody => HasSources ? new YamlList(Sources.Select(s => (YamlNode)s.Body)) : Source.Body;

    /// <summary>What status says was compared: sources and destination as written.</summary>
    public YamlMap ComparedTo => YamlMap.Of((HasSources ? "sources" : "source", SourceBody), ("destination", Object.Spec["destination"] ?? YamlMap.Empty));

    /// <summary>What does not count in a comparison.</summary>
    internal IgnoredDifferences Ignored { get; init; } = IgnoredDifferences.None;

    /// <summary>Whether its objects are compared by asking the server; each object may say otherwise.</summary>
    internal bool ServerSideDiff => Directives.ServerSideDiff ?? false;

    /// <summary>Whether what mutating webhooks do counts in a server-side comparison.</summary>
    internal bool IncludesWebhooks => Directives.IncludesWebhooks;

    private ObjectDirectives Directives => ObjectDirectives.Of(Object);

    /// <summary>Kind and group of Applications.</summary>
    public static readonly GroupVersionKind Kind = new("argoproj.io", "v1alpha1", "Application");

    /// <summary>The finalizer that makes deletion take the objects along, dependents first.</summary>
    public const string ForegroundFinalizer = "resources-finalizer.argocd.argoproj.io";

    /// <summary>The finalizer that makes deletion take the objects along without waiting for dependents.</summary>
    public const string BackgroundFinalizer = "resources-finalizer.argocd.argoproj.io/background";

    /// <summary>The finalizer of Argo CD's that says the default way in full.</summary>
    public const string ExplicitForegroundFinalizer = "resources-finalizer.argocd.argoproj.io/foreground";

    /// <summary>The finalizer that makes deletion wait for PreDelete hooks; with <c>/cleanup</c> behind, for their objects to be let go.</summary>
    public const string PreDeleteFinalizer = "pre-delete-finalizer.argocd.argoproj.io";

    /// <summary>The finalizer that makes deletion wait for PostDelete hooks; with <c>/cleanup</c> behind, for their objects to be let go.</summary>
    public const string PostDeleteFinalizer = "post-delete-finalizer.argocd.argoproj.io";

    /// <summary>What follows the finalizer of a phase's hooks once they have ended.</summary>
    public const string Cleanup = "/cleanup";

    /// <summary>The annotation that asks for a refresh: <c>normal</c>, or <c>hard</c> to forget renderings too.</summary>
    public const string RefreshAnnotation = "argocd.argoproj.io/refresh";

    /// <summary>The annotation with which a person stops all work on one Application: <c>true</c>.</summary>
    public const string SkipReconcileAnnotation = "argocd.argoproj.io/skip-reconcile";

    /// <summary>The annotation that holds the Application at one commit until it is lifted.</summary>
    public const string PinAnnotation = "capstan.dev/pin";

    /// <summary>The annotation by which a person agrees to deletions that want to be confirmed: the time, later than the start of the sync.</summary>
    public const string DeletionApprovedAnnotation = "argocd.argoproj.io/deletion-approved";

    /// <summary>The annotation that says how often the repository is asked for news, as a Go duration (<c>30s</c>, <c>5m</c>).</summary>
    public const string PollAnnotation = "capstan.dev/poll-interval";

    /// <summary>Which Application.</summary>
    public ApplicationKey Key => new(Object.Namespace, Object.Name);

    /// <summary>The commit it is pinned to (see <see cref="SourceRevisions"/> for several sources); null when it is not pinned.</summary>
    public string? Pin => Object.Annotation(PinAnnotation) is { Length: > 0 } pin ? pin : null;

    /// <summary>The revision of each source to render: those of the pin when there is one, else what the sources say.</summary>
    public IReadOnlyList<string> WantedRevisions => RevisionsOf(Pin ?? "");

    /// <summary>The revision of each source that a text means; what it leaves empty is as the source says.</summary>
    /// <param name="text">One revision a source, see <see cref="SourceRevisions"/>; empty for what the sources say.</param>
    /// <exception cref="Controllers.DeliveryException">It does not name one revision a source.</exception>
    public IReadOnlyList<string> RevisionsOf(string text)
    {
        var given = Given(text);
        if (given.Length != Sources.Count)
        {
            throw new Controllers.DeliveryException(
                $"Application/{Key} has {Sources.Count} sources, and \"{text}\" names {given.Length} revisions; write one for each, separated by commas (nothing between two commas leaves a source as it is)");
        }

        return [.. given.Select((revision, i) => revision.Length > 0 ? revision : Sources[i].TargetRevision.Length > 0 ? Sources[i].TargetRevision : "HEAD")];
    }

    /// <summary>Whether a text names one revision a source.</summary>
    public bool CanBeAt(string text) => Given(text).Length == Sources.Count;

    private string[] Given(string text) => text.Length == 0 ? [.. Sources.Select(_ => "")] : HasSources ? SourceRevisions.Split(text) : [text];

    /// <summary>The ApplicationSet that generated it; null when none did.</summary>
    public string? GeneratedBy => (Object.Metadata["ownerReferences"] as YamlList ?? YamlList.Empty).OfType<YamlMap>()
        .FirstOrDefault(o => o["kind"]?.AsString() == "ApplicationSet")?["name"]?.AsString();

    /// <summary>Whether the Application is being deleted.</summary>
    public bool IsBeingDeleted => Object.DeletionTimestamp is not null;

    /// <summary>Whether a person asked that nothing be done.</summary>
    public bool IsPaused => Object.Annotation(SkipReconcileAnnotation) == "true";

    /// <summary>The automation that acts now; a pin rests it.</summary>
    public AutomatedSync? Automation => Pin is null ? Policy.Automated : null;

    /// <summary>The operation that someone asked for through the object; null when there is none.</summary>
    public YamlMap? Operation => Object.Body["operation"] as YamlMap;
}
