using Capstan.Workflows.Runs;

namespace Capstan.Workflows.Keeping;

/// <summary>Keeps what runs that have ended leave, as OCI artifacts; the program binds it to the registry.</summary>
public interface IRunArchive
{
    /// <summary>Keeps a run's log and artifacts. Asked twice, it keeps the same.</summary>
    /// <param name="run">The run.</param>
    /// <param name="log">The file with its log.</param>
    /// <param name="artifacts">Its artifacts: each one's name and the folder of its files.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="IOException">It cannot be kept now; it is asked again.</exception>
    Task<KeptRun> KeepAsync(WorkflowRun run, string log, IReadOnlyList<(string Name, string Folder)> artifacts, CancellationToken cancellation);

    /// <summary>Brings a run's log back.</summary>
    /// <returns>False when it is not there any more.</returns>
    /// <exception cref="IOException">It cannot be read now, or what is there is not what was kept.</exception>
    Task<bool> RestoreLogAsync(WorkflowRun run, string file, CancellationToken cancellation);

    /// <summary>Brings an artifact's files back into a folder.</summary>
    /// <returns>False when it is not there any more.</returns>
    /// <exception cref="IOException">It cannot be read now, or what is there is not what was kept.</exception>
    Task<bool> RestoreArtifactAsync(WorkflowRun run, KeptArtifact artifact, string folder, CancellationToken cancellation);

    /// <summary>Lets go of all that was kept of a run.</summary>
    /// <exception cref="IOException">It cannot be done now; it is asked again.</exception>
    Task ForgetAsync(WorkflowRun run, CancellationToken cancellation);
}

/// <summary>Where what a run left is kept.</summary>
/// <param name="Reference"><c>NAME@DIGEST</c> in the registry, of the manifest that holds the log and to which those of the artifacts refer.</param>
/// <param name="Artifacts">Its artifacts.</param>
public sealed record KeptRun(string Reference, IReadOnlyList<KeptArtifact> Artifacts);

/// <summary>An artifact that is kept.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">What it takes, compressed.</param>
/// <param name="Digest">The digest of its manifest.</param>
public sealed record KeptArtifact(string Name, long Bytes, string Digest);
