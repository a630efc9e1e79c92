using System.Text;
using Capstan.Promotion.Pipelines;
using Capstan.Promotion.Planning;
using Capstan.Promotion.Writing;
using Capstan.Sources;
using Capstan.Sources.Git.Writing;
using Capstan.Trees;

namespace Capstan.Promotion.Running;

/// <summary>Writes the commits. A promotion that was interrupted is written again: where its commit was written already, nothing changes and none is written.</summary>
internal sealed class PromotionWriter(CommitWriter commits, IStageRepositories repositories)
{
    private const int LargestFile = 4 << 20;
    private static readonly CommitAuthor Author = new("Capstan", "capstan@localhost");

    public Task<WrittenCommit> PromoteAsync(PipelineSpec pipeline, PromotionStep.Promote step, CancellationToken cancellation)
    {
        var release = step.Release;
        var draft = new CommitDraft(Author, $"Promote {release.Name} to {step.Stage.Name}\n\n{string.Join('\n', release.Images.Select(i => $"{i.Name}: {i.Reference}"))}")
        {
            Trailers = [.. Trailers(pipeline, step.Stage, release), .. step.Approvals.Select(a => ("Capstan-Approved-By", a.Reason.Length > 0 ? $"{a.By}: {a.Reason}" : a.By))],
        };
        return WriteAsync(step.Stage, release, draft, cancellation);
    }

    public Task<WrittenCommit> RevertAsync(PipelineSpec pipeline, PromotionStep.Revert step, CancellationToken cancellation)
    {
        var draft = new CommitDraft(Author, $"Revert \"Promote {step.Bad.Name} to {step.Stage.Name}\"\n\n{(step.Commit.Length > 0 ? $"This reverts commit {step.Commit}.\n\n" : "")}{step.Cause}\n\n{step.Good.Name} is the last release that was proven here.")
        {
            Trailers = [.. Trailers(pipeline, step.Stage, step.Good), ("Capstan-Reverted-Release", step.Bad.Name)],
        };
        return WriteAsync(step.Stage, step.Good, draft, cancellation);
    }

    private static IEnumerable<(string, string)> Trailers(PipelineSpec pipeline, StageSpec stage, Release release)
    {
        yield return ("Capstan-Pipeline", pipeline.Name);
        yield return ("Capstan-Stage", stage.Name);
        yield return ("Capstan-Release", release.Name);
        yield return ("Capstan-Source-Commit", release.Commit);
        if (release.Run is { } run) yield return ("Capstan-Run", run);
    }

    private Task<WrittenCommit> WriteAsync(StageSpec stage, Release release, CommitDraft draft, CancellationToken cancellation)
    {
        var path = TreePath.Parse(stage.Target.Path);
        return commits.WriteAsync(repositories.Find(stage.Target.Repository), stage.Target.Branch, draft, tree =>
        {
            var file = tree.Find(path) is { Kind: TreeEntryKind.File } there ? there
                : throw new SourceException(SourceProblem.Invalid, $"{stage.Target.Repository}: {stage.Target.Path}: is no file on {stage.Target.Branch}");
            var text = Encoding.UTF8.GetString(tree.Read(file, LargestFile).Span);
            var changed = VersionEdit.Apply(text, stage.Target, release);
            return changed == text ? [] : [TreeChange.Put(path, Encoding.UTF8.GetBytes(changed))];
        }, cancellation);
    }
}
