using Capstan.GitHost.Repositories;
using Capstan.Server.Problems;
using Microsoft.Extensions.Logging;

namespace Capstan.Server.Bindings;

/// <summary>Looks after the hosted repositories while the server runs: packs those that pushes have scattered.</summary>
internal sealed class GitUpkeep : IAsyncDisposable
{
    private static readonly TimeSpan Between = TimeSpan.FromMinutes(10);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _run;

    public GitUpkeep(RepositoryUpkeep upkeep, TimeProvider time, ILogger<GitUpkeep> log) => _run = RunAsync(upkeep, time, log);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task RunAsync(RepositoryUpkeep upkeep, TimeProvider time, ILogger<GitUpkeep> log)
    {
        while (true)
        {
            await Task.Delay(Between * (0.9 + (0.2 * Random.Shared.NextDouble())), time, _stopping.Token).ConfigureAwait(false);
            var packed = await upkeep.RunAsync((name, error) => log.RepositoryNotPacked(name.Text, error), _stopping.Token).ConfigureAwait(false);
            if (packed > 0) log.RepositoriesPacked(packed);
        }
    }
}
