using System.Runtime.CompilerServices;
using Capstan.Delivery.Controllers;
using Capstan.Resources;
using Capstan.Server.Bindings;
using Capstan.Server.Problems;

namespace Capstan.Server.Applications;

/// <summary>The Application objects as the API shows and steers them. They live in the cluster; nothing is kept here.</summary>
internal sealed class ApplicationStore(ApplicationDesk desk)
{
    /// <summary>All of them, by namespace and name.</summary>
    public IReadOnlyList<KubernetesObject> List() => [.. desk.List().Select(Shown)];

    /// <summary>One, by its name or by <c>NAMESPACE/NAME</c>.</summary>
    public KubernetesObject Get(string name) =>
        TryGet(name) ?? throw RequestProblem.NotFound($"application {name}", "`capstan get apps` lists all; one that was just created comes with the next sync of the platform repository");

    /// <summary>One; null when it is not there.</summary>
    public KubernetesObject? TryGet(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        var found = slash < 0 ? (desk.Find(name) is { } key ? desk.Get(key) : null) : desk.Get(new(name[..slash], name[(slash + 1)..]));
        return found is null ? null : Shown(found);
    }

    /// <summary>The application now and after each change, until it is deleted.</summary>
    public async IAsyncEnumerable<KubernetesObject> FollowAsync(string name, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var now = Get(name);
        yield return now;
        var key = ApplicationReports.Key(now);
        await foreach (var application in desk.FollowAsync(key, cancellation).ConfigureAwait(false))
        {
            yield return Shown(application);
        }
    }

    /// <summary>Starts a sync, as Argo CD's API does it: the operation is a field of the object.</summary>
    public Task StartSyncAsync(KubernetesObject application, string user, string? revision, bool? prune, CancellationToken cancellation) =>
        application.Body.ContainsKey("operation")
            ? throw RequestProblem.Conflict($"application {application.Name}: another operation is in progress", $"Wait for it, or stop it with `capstan terminate {application.Name}`")
            : desk.SyncAsync(ApplicationReports.Key(application), user, revision, prune, cancellation);

    /// <summary>Asks for a comparison that reads everything anew.</summary>
    public Task RefreshAsync(KubernetesObject application, CancellationToken cancellation) => desk.RefreshAsync(ApplicationReports.Key(application), hard: true, cancellation);

    /// <summary>Rests the automation of an application, a set's or a project's, or with null lets it go on.</summary>
    public Task PauseAsync(ObjectKey @object, Delivery.Pausing.Pause? pause, CancellationToken cancellation) => desk.PauseAsync(@object, pause, cancellation);

    /// <summary>Asks the running operation to stop.</summary>
    public async Task TerminateAsync(KubernetesObject application, CancellationToken cancellation)
    {
        if (await desk.TerminateAsync(ApplicationReports.Key(application), cancellation).ConfigureAwait(false)) return;
        throw RequestProblem.Conflict($"application {application.Name}: no operation is in progress");
    }

    /// <summary>Nobody outside asks for field owners.</summary>
    private static KubernetesObject Shown(KubernetesObject application) => application.Without("metadata", "managedFields");
}
