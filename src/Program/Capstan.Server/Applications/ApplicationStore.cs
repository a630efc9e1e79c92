using System.Runtime.CompilerServices;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Server.Problems;
using Capstan.Yaml;

namespace Capstan.Server.Applications;

/// <summary>The Application objects as the API shows and steers them. They live in the cluster; nothing is kept here.</summary>
internal sealed class ApplicationStore(ClusterClient cluster, IReadOnlyList<string> namespaces)
{
    public static readonly GroupVersionKind Kind = new("argoproj.io", "v1alpha1", "Application");
    private const string RefreshAnnotation = "argocd.argoproj.io/refresh";
    private static readonly WriteOptions Writing = new() { FieldManager = "capstan-api" };

    /// <summary>All of them, by namespace and name.</summary>
    public async Task<IReadOnlyList<KubernetesObject>> ListAsync(CancellationToken cancellation)
    {
        var resource = await cluster.ResolveAsync(Kind, cancellation).ConfigureAwait(false);
        var all = new List<KubernetesObject>();
        foreach (var space in namespaces)
        {
            var list = await cluster.ListAsync(resource, new ListOptions { Namespace = space }, cancellation).ConfigureAwait(false);
            all.AddRange(list.Items.Select(Whole));
        }
        return [.. all.OrderBy(a => a.Namespace, StringComparer.Ordinal).ThenBy(a => a.Name, StringComparer.Ordinal)];
    }

    /// <summary>One, by its name or by <c>NAMESPACE/NAME</c>.</summary>
    public async Task<KubernetesObject> GetAsync(string name, CancellationToken cancellation)
    {
        var resource = await cluster.ResolveAsync(Kind, cancellation).ConfigureAwait(false);
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        IReadOnlyList<string> spaces = slash < 0 ? namespaces : namespaces.Contains(name[..slash]) ? [name[..slash]] : [];
        var wanted = name[(slash + 1)..];
        foreach (var space in wanted.Length == 0 ? [] : spaces)
        {
            if (await cluster.FindAsync(resource, space, wanted, cancellation).ConfigureAwait(false) is { } found) return Whole(found);
        }
        throw RequestProblem.NotFound($"application {name}", "`capstan get apps` lists all; one that was just created comes with the next sync of the platform repository");
    }

    /// <summary>The application now and after each change, until it is deleted or the watch ends.</summary>
    public async IAsyncEnumerable<KubernetesObject> FollowAsync(string name, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var now = await GetAsync(name, cancellation).ConfigureAwait(false);
        yield return now;
        var resource = await cluster.ResolveAsync(Kind, cancellation).ConfigureAwait(false);
        var only = new ListOptions { Namespace = now.Namespace, FieldSelector = "metadata.name=" + now.Name };
        await foreach (var change in cluster.WatchAsync(resource, now.ResourceVersion, only, cancellation).ConfigureAwait(false))
        {
            if (change.Kind == WatchEventKind.Deleted) yield break;
            if (change.Kind is WatchEventKind.Added or WatchEventKind.Modified) yield return Whole(change.Object);
        }
    }

    /// <summary>Starts a sync, as Argo CD's API does it: the operation is a field of the object.</summary>
    public async Task StartSyncAsync(KubernetesObject application, string user, string? revision, bool? prune, CancellationToken cancellation)
    {
        if (application.Body.ContainsKey("operation"))
        {
            throw RequestProblem.Conflict($"application {application.Name}: another operation is in progress", $"Wait for it, or stop it with `capstan terminate {application.Name}`");
        }
        var sync = YamlMap.Empty;
        if (revision is not null) sync = sync.With("revision", revision);
        if ((prune ?? PruneOf(application)) is true) sync = sync.With("prune", true);
        var operation = YamlMap.Of(("initiatedBy", YamlMap.Of(("username", user))), ("sync", sync));
        await PatchAsync(application, YamlMap.Of(("metadata", Version(application)), ("operation", operation)), cancellation).ConfigureAwait(false);
    }

    /// <summary>Asks for a comparison that reads everything anew.</summary>
    public Task RefreshAsync(KubernetesObject application, CancellationToken cancellation) =>
        PatchAsync(application, YamlMap.Of(("metadata", YamlMap.Of(("annotations", YamlMap.Of((RefreshAnnotation, "hard")))))), cancellation);

    /// <summary>Asks the running operation to stop.</summary>
    public Task TerminateAsync(KubernetesObject application, CancellationToken cancellation)
    {
        var phase = application.Status.At("operationState", "phase")?.AsString();
        if (phase is not "Running" && !application.Body.ContainsKey("operation"))
        {
            throw RequestProblem.Conflict($"application {application.Name}: no operation is in progress");
        }
        return phase is "Running"
            ? PatchAsync(application, YamlMap.Of(("status", YamlMap.Of(("operationState", YamlMap.Of(("phase", "Terminating")))))), cancellation)
            : PatchAsync(application, YamlMap.Of(("operation", YamlScalar.Null)), cancellation);
    }

    /// <summary>Pins it to a revision: that wins over automation until the annotation is gone.</summary>
    public Task PinAsync(KubernetesObject application, string revision, CancellationToken cancellation) =>
        PatchAsync(application, YamlMap.Of(("metadata", YamlMap.Of(("annotations", YamlMap.Of(("capstan.dev/pin", revision)))))), cancellation);

    private static bool? PruneOf(KubernetesObject application) =>
        application.Spec.At("syncPolicy", "automated", "prune") is YamlScalar { Kind: ScalarKind.Boolean } flag ? flag.Equals(YamlScalar.True) : null;

    /// <summary>The version makes two syncs started at once one.</summary>
    private static YamlMap Version(KubernetesObject application) => YamlMap.Of(("resourceVersion", application.ResourceVersion));

    private async Task PatchAsync(KubernetesObject application, YamlMap patch, CancellationToken cancellation)
    {
        var resource = await cluster.ResolveAsync(Kind, cancellation).ConfigureAwait(false);
        await cluster.PatchAsync(resource, application.Namespace, application.Name, PatchKind.Merge, patch, Writing, cancellation: cancellation).ConfigureAwait(false);
    }

    /// <summary>A list's items come without kind, and nobody outside asks for field owners.</summary>
    private static KubernetesObject Whole(KubernetesObject application) => new(application.Without("metadata", "managedFields").Body
        .With("apiVersion", Kind.ApiVersion).With("kind", Kind.Kind));
}
