using System.Threading.Channels;
using Capstan.Delivery.Settings;
using Capstan.Kubernetes;
using Capstan.Reconcile;
using Capstan.Server.Live;
using Capstan.Server.Notifications;
using Capstan.Server.Notifications.Sending;
using Capstan.Server.Problems;
using Capstan.Workflows.Runs;
using Capstan.Yaml;
using Microsoft.Extensions.Logging;

namespace Capstan.Server.PullRequests;

/// <summary>Tells the host of a pull request how the runs of its commits are, where the operator gave a token for that: pending, success, failure or error, each time that it changes.</summary>
internal sealed class StatusDesk : IAsyncDisposable
{
    private const int MostAttempts = 6;
    private const int MostTold = 10_000;
    private static readonly Backoff Pauses = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

    // Runs that ended longer ago were told by the process before this one.
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(1);
    private readonly Dictionary<string, string> _told = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private readonly HttpPost _http = new();
    private readonly StatusParts _parts;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Task _run;

    public StatusDesk(StatusParts parts, TimeProvider time, ILogger log)
    {
        (_parts, _time, _log) = (parts, time, log);
        _run = RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _http.Dispose();
        _stopping.Dispose();
    }

    /// <summary>What a host is told of a run.</summary>
    public static (string State, string Description) StateOf(WorkflowRun run) => run.Status switch
    {
        { Phase: Phases.Waiting } => ("pending", "Waits until somebody who may push approves this commit"),
        { Phase: Phases.Queued } => ("pending", "Waits for its turn"),
        { Phase: not Phases.Completed } => ("pending", "Runs"),
        { Conclusion: Conclusions.Success } => ("success", "Succeeded"),
        { Conclusion: Conclusions.Skipped } => ("success", "Had nothing to do"),
        { Conclusion: Conclusions.Cancelled, Message: var why } => ("error", why.Length > 0 ? why : "Was cancelled"),
        { Message: var why } => ("failure", why.Length > 0 ? why : "Failed"),
    };

    private async Task RunAsync()
    {
        await Task.Yield();
        Channel<NumberedChange>? reader = null;
        try
        {
            while (!_stopping.IsCancellationRequested)
            {
                if (reader is null)
                {
                    // What was missed, by a restart or by being slow, is found by a look at all.
                    reader = _parts.Changes.Join(null).Reader;
                    foreach (var run in _parts.Runs.All) await TellAsync(run).ConfigureAwait(false);
                }

                if (!await reader.Reader.WaitToReadAsync(_stopping.Token).ConfigureAwait(false))
                {
                    reader = null;
                    continue;
                }

                while (reader.Reader.TryRead(out var numbered))
                {
                    var change = numbered.Change;
                    if (change is { Kind: "run", Gone: false } && _parts.Runs.Find(change.Name[(change.Name.LastIndexOf('/') + 1)..]) is { } run) await TellAsync(run).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            if (reader is not null) _parts.Changes.Leave(reader);
        }
    }

    private async Task TellAsync(WorkflowRun run)
    {
        if (run.Event.Name != "pull_request" || (DateTimeOffset.TryParse(run.Status.FinishedAt, System.Globalization.CultureInfo.InvariantCulture, out var ended) && _time.GetUtcNow() - ended > Fresh)) return;
        var (state, description) = StateOf(run);
        var key = $"{state} {description}";
        if (_told.GetValueOrDefault(run.Name) == key) return;
        if (_told.Count >= MostTold) _told.Clear();
        _told[run.Name] = key;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var settings = await _parts.Settings(_stopping.Token).ConfigureAwait(false);
                if (settings.Workflows.PullRequests.FirstOrDefault(o => o.Repository == run.Repository) is not { } outside) return;
                var token = await _parts.Tokens.FindAsync(outside, _stopping.Token).ConfigureAwait(false);
                if (token.Length > 0) await SendAsync(outside, token, run, state, description).ConfigureAwait(false);
                return;
            }
            catch (Exception failure) when (failure is NotDeliveredException or KubernetesException or ClusterUnreachableException or UnknownKindException)
            {
                if (failure is NotDeliveredException { IsFinal: true } || attempt == MostAttempts)
                {
                    _log.StatusNotTold(run.Event.Sha, run.Repository, failure.Message);
                    return;
                }
            }

            await Task.Delay(Pauses.After(attempt), _time, _stopping.Token).ConfigureAwait(false);
        }
    }

    private Task SendAsync(OutsideRepository outside, string token, WorkflowRun run, string state, string description)
    {
        var options = YamlMap.Of(("provider", outside.Provider), ("token", token), ("apiURL", outside.ApiUrl), ("allowPrivate", outside.AllowPrivate));
        var target = new Uri(_parts.Url(), "/runs/" + Uri.EscapeDataString(run.Name)).ToString();
        return new HostStatus(_http).SendAsync(
            new NotificationService(outside.Repository, "commit-status", options), outside.From.Text, run.Event.Sha, new HostStatusText(state, description, $"capstan/{run.Workflow} (pull_request)", target), _stopping.Token);
    }
}

/// <summary>What the desk of statuses works with.</summary>
/// <param name="Settings">Reads the operator's settings.</param>
/// <param name="Tokens">Who this installation is at other hosts.</param>
/// <param name="Runs">All runs.</param>
/// <param name="Changes">Tells of their changes.</param>
/// <param name="Url">The address that people use.</param>
internal sealed record StatusParts(Func<CancellationToken, Task<OperatorSettings>> Settings, HostTokens Tokens, RunIndex Runs, ChangeStream Changes, Func<Uri> Url);
