using System.Collections.Immutable;
using Capstan.Api.Applications;
using Capstan.Delivery.Controllers;
using Capstan.Resources;
using Capstan.Server.Guarding;
using Capstan.Server.Problems;
using Microsoft.Extensions.Logging;

namespace Capstan.Server.Live;

/// <summary>An application as lists show it, read once for each of its changes.</summary>
/// <param name="Summary">The facts of a line.</param>
/// <param name="FullName"><c>PROJECT/NAME</c>, by which rights speak of it.</param>
/// <param name="Project">Its project.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Cluster">The cluster that it goes to.</param>
/// <param name="ChangedAt">When its last operation ended or began, RFC 3339; empty before the first.</param>
/// <param name="Message">What there is to say when it is not green.</param>
/// <param name="Version">The object's version.</param>
/// <param name="Automated">Whether a new commit is synced by itself.</param>
internal sealed record IndexedApplication(
    ApplicationSummary Summary, string FullName, string Project, IReadOnlyDictionary<string, string> Labels, string Cluster, string ChangedAt, string Message, string Version, bool Automated)
{
    public string Name => Summary.Name;

    /// <summary>The images that it runs.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];
}

/// <summary>All applications, ready to be listed, searched and sorted without a look at their objects; and the stream of their changes.</summary>
internal sealed class ApplicationIndex(ApplicationDesk desk, ChangeStream changes, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _stopping = new();
    private ImmutableSortedDictionary<(string Namespace, string Name), IndexedApplication> _all = ImmutableSortedDictionary.Create<(string, string), IndexedApplication>(
        Comparer<(string Namespace, string Name)>.Create((a, b) => string.CompareOrdinal(a.Name, b.Name) is var byName and not 0 ? byName : string.CompareOrdinal(a.Namespace, b.Namespace)));
    private Task _following = Task.CompletedTask;

    /// <summary>All of them now, by name.</summary>
    public IEnumerable<IndexedApplication> All => _all.Values;

    /// <summary>One; null when it is not there.</summary>
    public IndexedApplication? Find(string space, string name) => _all.GetValueOrDefault((space, name));

    /// <summary>How states changed since the server began to look.</summary>
    public StateHistory History { get; } = new();

    /// <summary>How many there are.</summary>
    public int Count => _all.Count;

    public void Start() => _following = FollowAsync();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    public static IndexedApplication Read(KubernetesObject application)
    {
        var summary = ApplicationSummary.Of(application);
        var operation = application.Status.At("operationState") as Yaml.YamlMap ?? Yaml.YamlMap.Empty;
        var full = FullNames.Of(application);
        return new IndexedApplication(
            summary, full, full[..full.IndexOf('/', StringComparison.Ordinal)],
            application.Labels.ToDictionary(l => l.Key, l => l.Value.AsString() ?? "", StringComparer.Ordinal),
            application.Spec.At("destination", "name")?.AsString() ?? application.Spec.At("destination", "server")?.AsString() ?? "",
            operation["finishedAt"]?.AsString() ?? operation["startedAt"]?.AsString() ?? "",
            summary.Conditions.Count > 0 ? summary.Conditions[0] : summary.HasFailed ? operation["message"]?.AsString() ?? "" : application.Status.At("health", "message")?.AsString() ?? "",
            application.ResourceVersion, application.Spec.At("syncPolicy", "automated") is Yaml.YamlMap)
        {
            Images = [.. (application.Status.At("summary", "images") as Yaml.YamlList ?? Yaml.YamlList.Empty).Select(i => i.AsString() ?? "")],
        };
    }

    private async Task FollowAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await foreach (var (key, application) in desk.WatchAsync(_stopping.Token).ConfigureAwait(false)) Take((key.Namespace, key.Name), application);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // One object that nobody foresaw must not make the pages deaf to all others.
                log.IndexFailed(e);
                await Task.Delay(Pause, time, _stopping.Token).ConfigureAwait(false);
            }
        }
    }

    private void Take((string Namespace, string Name) key, KubernetesObject? application)
    {
        var before = _all.GetValueOrDefault(key);
        if (application is null)
        {
            _all = _all.Remove(key);
            History.Forget(key);
            if (before is not null) changes.Publish(new Change("application", before.FullName, key.Namespace, Gone: true));
            return;
        }
        var now = Read(application);
        _all = _all.SetItem(key, now);
        if (before is not null) History.Add(key, before.Summary, now.Summary, time.GetUtcNow());
        if (before?.Version != now.Version) changes.Publish(new Change("application", now.FullName, key.Namespace, Gone: false) { Sync = now.Summary.Sync, Health = now.Summary.Health });
    }
}
