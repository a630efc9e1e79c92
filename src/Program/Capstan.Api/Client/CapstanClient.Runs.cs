using System.Globalization;
using System.Runtime.CompilerServices;
using Capstan.Api.Runs;
using Capstan.Yaml;

namespace Capstan.Api.Client;

public sealed partial class CapstanClient
{
    /// <summary>Runs, the newest first.</summary>
    public async Task<IReadOnlyList<Run>> ListRunsAsync(string? repository, CancellationToken cancellation) =>
        (await GetAsync(repository is null ? "runs" : $"runs?repository={Uri.EscapeDataString(repository)}", RunsJson.Default.RunList, cancellation).ConfigureAwait(false)).Items;

    /// <summary>The checks of a commit.</summary>
    public Task<CheckList> ListChecksAsync(string repository, string commit, CancellationToken cancellation) =>
        GetAsync($"checks?repository={Uri.EscapeDataString(repository)}&commit={Uri.EscapeDataString(commit)}", ChecksJson.Default.CheckList, cancellation);

    /// <summary>Lets a run go on that waits for an approval.</summary>
    public Task ApproveRunAsync(string name, CancellationToken cancellation) => PostAsync($"runs/{Uri.EscapeDataString(name)}/approve", cancellation);

    /// <summary>One run.</summary>
    public Task<Run> GetRunAsync(string name, CancellationToken cancellation) => GetAsync($"runs/{Uri.EscapeDataString(name)}", RunsJson.Default.Run, cancellation);

    /// <summary>Starts a workflow by hand.</summary>
    public Task<Run> StartRunAsync(StartRun wish, CancellationToken cancellation) => PostAsync("runs", wish, RunsJson.Default.StartRun, RunsJson.Default.Run, cancellation);

    /// <summary>Ends a run.</summary>
    public Task CancelRunAsync(string name, CancellationToken cancellation) => PostAsync($"runs/{Uri.EscapeDataString(name)}/cancel", cancellation);

    /// <summary>Runs a run again.</summary>
    public Task<Run> RunAgainAsync(string name, RunAgain wish, CancellationToken cancellation) =>
        PostAsync($"runs/{Uri.EscapeDataString(name)}/again", wish, RunsJson.Default.RunAgain, RunsJson.Default.Run, cancellation);

    /// <summary>The lines of a run's log behind a number, and those that come while it runs.</summary>
    public async IAsyncEnumerable<RunLine> RunLogAsync(string name, long after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var node in EventsAsync($"runs/{Uri.EscapeDataString(name)}/log?after={after.ToString(CultureInfo.InvariantCulture)}", cancellation).ConfigureAwait(false))
        {
            if (node is YamlMap map && map["number"] is YamlScalar number && number.TryGetInteger(out var at))
            {
                yield return new RunLine(at, map["time"]?.AsString() ?? "", map["job"]?.AsString() ?? "", map["text"]?.AsString() ?? "");
            }
        }
    }
}
