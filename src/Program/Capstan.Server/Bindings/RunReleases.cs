using System.Globalization;
using Capstan.Oci.References;
using Capstan.Promotion.Pipelines;
using Capstan.Promotion.Running;
using Capstan.Workflows.Reports;
using Capstan.Workflows.Runs;

namespace Capstan.Server.Bindings;

/// <summary>Makes releases of runs: the commit, the images by digest, the checks.</summary>
/// <param name="store">Where releases are kept.</param>
/// <param name="registry">Tells which images are the own registry's.</param>
/// <param name="made">Called when one was made.</param>
internal sealed class RunReleases(ReleaseStore store, OwnRegistry registry, Action made) : IReleases
{
    private const int CommitDigits = 7;

    /// <inheritdoc/>
    public async Task<string> MakeAsync(WorkflowRun run, CancellationToken cancellation)
    {
        var images = run.Status.Jobs.SelectMany(j => j.Images).Select(ImageReference.Parse).Select(i => new ReleaseImage(NameOf(i), i)).DistinctBy(i => i.Name).ToList();
        var release = new Release(NameOf(run), "", run.Event.Sha, images, DateTimeOffset.Parse(run.CreatedAt, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal))
        {
            Repository = run.Repository,
            Run = run.Name,
            Ref = run.Event.Ref,
            Title = run.Status.Title,
            Workflow = run.Path,
            Actor = run.Event.Actor,
            Tests = Tests(run),
            Checks = [.. run.Status.Jobs.Select(j => new ReleaseCheck(j.Name, j.Conclusion))],
        };
        await store.EnsureAsync(release, cancellation).ConfigureAwait(false);
        made();
        return release.Name;
    }

    /// <inheritdoc/>
    public Task<bool> ExistsAsync(string name, CancellationToken cancellation) => store.ExistsAsync(name, cancellation);

    private static ReleaseTests? Tests(WorkflowRun run)
    {
        var tests = run.Status.Jobs.Select(j => j.Tests).Aggregate(TestCounts.None, (all, more) => all.And(more));
        return tests == TestCounts.None ? null : new ReleaseTests(tests.Passed, tests.Failed, tests.Skipped);
    }

    // Of the own registry the name alone: its address may be another tomorrow.
    private string NameOf(ImageReference image) => registry.IsOwn(image.Registry) ? image.Name.Text : $"{image.Registry}/{image.Name}";

    // The run's name without its hash, its number and the commit: the same run gives the same name.
    private static string NameOf(WorkflowRun run) => string.Create(CultureInfo.InvariantCulture, $"{run.Name[..run.Name.LastIndexOf('-')]}-{run.Number}-{run.Event.Sha[..CommitDigits]}");
}
