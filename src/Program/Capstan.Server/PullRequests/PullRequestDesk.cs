using System.Threading.Channels;
using Capstan.Delivery.Settings;
using Capstan.GitHost.Repositories;
using Capstan.Kubernetes;
using Capstan.Reconcile;
using Capstan.Server.Problems;
using Capstan.Sources;
using Capstan.Sources.Git;
using Capstan.Sources.Git.Urls;
using Capstan.Sources.Webhooks;
using Capstan.Workflows;
using Capstan.Workflows.Controlling;
using Capstan.Workflows.Planning;
using Microsoft.Extensions.Logging;

namespace Capstan.Server.PullRequests;

/// <summary>
/// Pull requests of other hosts: what a genuine webhook tells is kept on the disk before it is acknowledged; then the commits are fetched from the address that the
/// operator wrote down (never from one that the event names), put under <c>refs/pull/N/head</c> of the hosted repository, and the workflows told.
/// </summary>
/// <param name="parts">What it works with.</param>
/// <param name="folder">Where events wait.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where it is told what could not be done.</param>
internal sealed class PullRequestDesk(PullRequestParts parts, string folder, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromHours(6);
    private static readonly Backoff Pauses = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2));
    private readonly EventFolder _waiting = new(folder);
    private readonly Channel<bool> _told = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stopping = new();
    private Task _run = Task.CompletedTask;

    /// <summary>Begins, with what an earlier process left.</summary>
    public void Start()
    {
        _told.Writer.TryWrite(true);
        _run = RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    /// <summary>Takes what a webhook tells.</summary>
    /// <returns>Why it is not taken; null when it is, and will be dealt with whatever happens.</returns>
    public async Task<string?> TakeAsync(PullRequestNotification told, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        var settings = await parts.Settings(cancellation).ConfigureAwait(false);
        if (Find(settings, told) is null) return $"{told.Repositories[0]} is not among spec.workflows.pullRequests of the Settings";
        if (await _waiting.AddAsync(told.Provider, body, time.GetUtcNow(), cancellation).ConfigureAwait(false) is null) return "too many pull requests wait";
        _told.Writer.TryWrite(true);
        return null;
    }

    private static OutsideRepository? Find(OperatorSettings settings, PullRequestNotification told) =>
        settings.Workflows.PullRequests.FirstOrDefault(o => told.Repositories.Any(r => o.From.Allows(r.Text)));

    // What fails for a while stays and is tried again; what came later from the same repository waits behind it, so that no old commit comes after a newer one.
    private async Task RunAsync()
    {
        var failures = 0;
        while (!_stopping.IsCancellationRequested)
        {
            var failed = new HashSet<string>(StringComparer.Ordinal);
            foreach (var name in _waiting.List())
            {
                var told = await _waiting.ReadAsync(name, _stopping.Token).ConfigureAwait(false);
                if (told is not null && failed.Contains(told.Repositories[0].Key)) continue;
                if (told is null || await TryAsync(name, told).ConfigureAwait(false)) _waiting.Remove(name);
                else failed.Add(told.Repositories[0].Key);
            }

            if (failed.Count == 0)
            {
                failures = 0;
                await _told.Reader.ReadAsync(_stopping.Token).ConfigureAwait(false);
                continue;
            }

            await Task.Delay(Pauses.After(++failures), time, _stopping.Token).ConfigureAwait(false);
        }
    }

    // True when there is nothing more to do about it.
    private async Task<bool> TryAsync(string name, PullRequestNotification told)
    {
        try
        {
            await DealAsync(told, _stopping.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception failure) when (failure is IOException or WorkflowException or KubernetesException or ClusterUnreachableException or UnknownKindException)
        {
            var passes = failure is not WorkflowException && failure is not SourceException { IsTransient: false, Problem: not SourceProblem.RevisionNotFound };
            if (passes && time.GetUtcNow() - EventFolder.TimeOf(name) < Patience) return false;
            log.PullRequestFailed(told.Repositories[0].Text, told.Number, failure.Message);
            return true;
        }
    }

    private async Task DealAsync(PullRequestNotification told, CancellationToken cancellation)
    {
        // The operator may have taken the repository out meanwhile.
        if (Find(await parts.Settings(cancellation).ConfigureAwait(false), told) is not { } outside) return;
        if (!RepositoryName.TryParse(outside.Repository, out var name) || !parts.Repositories.Exists(name)) throw new WorkflowException($"pull request {told.Number} of {outside.From}: the repository {outside.Repository} is not on this Git host; make it");
        var remote = new GitRemote(RepositoryUrl.Parse(outside.From.Text)) { Registered = outside.AllowPrivate, Credentials = await parts.Tokens.CredentialsAsync(outside, cancellation).ConfigureAwait(false) };
        var report = new PullRequestReport(told.Number, told.Action, told.Head, told.BaseBranch)
        {
            IsFork = told.IsFork,
            Actor = told.Actor.Length > 0 ? told.Actor : told.Provider,
            Payload = told.Body,
        };
        var place = parts.Repositories.PathTo(name);
        await FetchAsync(remote, report, cancellation).ConfigureAwait(false);
        await parts.Mirrors.CopyAsync(remote, report.Head, place, report.Ref, cancellation).ConfigureAwait(false);
        var runs = await parts.Workflows.PullRequestAsync(outside.Repository, report with { MergeBase = await MergeBaseAsync(remote, report, place, cancellation).ConfigureAwait(false) }, cancellation).ConfigureAwait(false);
        log.PullRequestTaken(outside.Repository, told.Number, told.Action, runs.Count);
    }

    // The ref brings the commits along; where it has moved on since, the commit itself is asked for.
    private async Task FetchAsync(GitRemote remote, PullRequestReport report, CancellationToken cancellation)
    {
        try
        {
            await parts.Mirrors.ResolveAsync(remote, report.Ref, TimeSpan.Zero, cancellation).ConfigureAwait(false);
        }
        catch (SourceException gone) when (gone.Problem == SourceProblem.RevisionNotFound)
        {
            log.PullRequestMoved(report.Ref, gone.Message);
        }

        await parts.Mirrors.ResolveAsync(remote, report.Head, TimeSpan.Zero, cancellation).ConfigureAwait(false);
    }

    // A branch that is gone meanwhile leaves untold what changed: every filter on paths lets it pass then.
    private async Task<string?> MergeBaseAsync(GitRemote remote, PullRequestReport report, string place, CancellationToken cancellation)
    {
        string branch;
        try
        {
            branch = (await parts.Mirrors.ResolveAsync(remote, $"refs/heads/{report.BaseBranch}", TimeSpan.Zero, cancellation).ConfigureAwait(false)).Commit;
        }
        catch (SourceException gone) when (gone.Problem is SourceProblem.RevisionNotFound or SourceProblem.Invalid)
        {
            return null;
        }

        await parts.Mirrors.CopyAsync(remote, branch, place, report.Ref[..^"head".Length] + "base", cancellation).ConfigureAwait(false);
        var found = await parts.Git.TryRunAsync(GitProgram.Call(["merge-base", branch, report.Head]) with { WorkingFolder = place }, cancellation).ConfigureAwait(false);
        return found.ExitCode == 0 ? System.Text.Encoding.UTF8.GetString(found.Output.Span).Trim() : null;
    }
}

/// <summary>What the desk of pull requests works with.</summary>
/// <param name="Settings">Reads the operator's settings.</param>
/// <param name="Tokens">Who this installation is at other hosts.</param>
/// <param name="Mirrors">Copies of repositories of others.</param>
/// <param name="Repositories">The own ones.</param>
/// <param name="Git">Git.</param>
/// <param name="Workflows">Runs them.</param>
internal sealed record PullRequestParts(
    Func<CancellationToken, Task<OperatorSettings>> Settings, HostTokens Tokens, GitMirrors Mirrors, RepositoryStore Repositories, GitProgram Git, WorkflowEngine Workflows);
