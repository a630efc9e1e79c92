namespace Capstan.Workflows.Runs;

/// <summary>Makes releases of runs that pushed images; the program binds it to the feature that promotes them.</summary>
public interface IReleases
{
    /// <summary>Makes the release of a run that succeeded on its repository's default branch. Asked twice about a run, it has made one.</summary>
    /// <returns>The release's name.</returns>
    /// <exception cref="IOException">It cannot be made now; it is asked again.</exception>
    Task<string> MakeAsync(WorkflowRun run, CancellationToken cancellation);

    /// <summary>Whether a release is there: what it was made of is kept as long.</summary>
    Task<bool> ExistsAsync(string name, CancellationToken cancellation);
}
