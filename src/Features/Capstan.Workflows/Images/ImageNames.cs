using Capstan.Workflows.Running;

namespace Capstan.Workflows.Images;

/// <summary>The names of images that steps give: of the own registry where no registry is written and the action is Capstan's own.</summary>
internal static class ImageNames
{
    private const int CommitDigits = 12;

    /// <summary>The name of a repository's image in the own registry: the repository's own, by the commit.</summary>
    public static string Default(string registry, string repository, string commit) => $"{registry}/{repository.ToLowerInvariant()}:{commit[..Math.Min(CommitDigits, commit.Length)]}";

    /// <summary>A name of Capstan's own actions: one without a registry is in the own one.</summary>
    public static string Own(string registry, string name) =>
        name.Split('/', 2) is [var first, _] && (first == "localhost" || first.Contains('.', StringComparison.Ordinal) || first.Contains(':', StringComparison.Ordinal)) ? name : $"{registry}/{name}";

    /// <summary>The entries of a list with a name and a value each: <c>NAME=VALUE</c>, a line each.</summary>
    /// <exception cref="WorkflowException">One is none.</exception>
    public static Dictionary<string, string> Pairs(string input, IEnumerable<string> lines)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            if (line.Split('=', 2) is not [{ Length: > 0 } name, var value]) throw new WorkflowException($"{input}: '{line}' is not NAME=VALUE");
            pairs[name] = value;
        }

        return pairs;
    }

    /// <summary>From what a job builds.</summary>
    public static BuildOrigin OriginOf(JobSession session)
    {
        var run = session.Plan.Run;
        return new BuildOrigin(run.Repository, session.Services.Repositories.UrlOf(run.Repository), run.Event.Sha, run.Event.Ref, run.Path, run.Name, run.Status.StartedAt, session.Plan.Token);
    }
}
