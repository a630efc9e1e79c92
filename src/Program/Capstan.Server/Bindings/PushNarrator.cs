using System.Text;
using Capstan.GitHost.Pushes;
using Capstan.Server.Hosting;
using Capstan.Server.Problems;
using Capstan.Workflows;
using Capstan.Workflows.Controlling;
using Microsoft.Extensions.Logging;

namespace Capstan.Server.Bindings;

/// <summary>Tells who pushed what is wrong with the workflows of the commit, and where its checks are.</summary>
/// <param name="workflows">Reads workflows.</param>
/// <param name="url">The server's address.</param>
/// <param name="log">Where failures are written.</param>
internal sealed class PushNarrator(WorkflowEngine workflows, string url, ILogger<CapstanServer> log)
{
    private const int MostRefs = 3;
    private const int MostFindings = 20;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>What to say of a push; nothing where the commit has no workflows. It never fails the push.</summary>
    public async Task<string> SayAsync(PushEvent push, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Longest);
        var said = new StringBuilder();
        try
        {
            foreach (var update in push.Updates.Where(u => u.New is not null && u.Ref.StartsWith("refs/heads/", StringComparison.Ordinal)).Take(MostRefs))
            {
                var (files, findings) = await workflows.LintAsync(push.Repository.Text, update.New!, limit.Token).ConfigureAwait(false);
                foreach (var finding in findings.Take(MostFindings)) said.Append(finding).Append('\n');
                if (findings.Count > MostFindings) said.Append($"and {findings.Count - MostFindings} more: `capstan lint` shows all\n");
                if (files > 0) said.Append($"Checks: {url}/api/v1/checks?repository={Uri.EscapeDataString(push.Repository.Text)}&commit={update.New}\n        capstan get checks {push.Repository.Text}@{update.New![..10]}\n");
            }
        }
        catch (Exception failure) when (failure is IOException or WorkflowException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            log.NothingToSay(failure, push.Repository.Text);
        }

        return said.ToString();
    }
}
