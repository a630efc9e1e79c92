using Capstan.GitHost.Repositories;
using Capstan.Sources.Git;
using Capstan.Sources.Processes;

namespace Capstan.GitHost.Protocol;

/// <summary>Calls of git's serving commands, with the configuration of every hosted repository.</summary>
/// <param name="store">The repositories.</param>
/// <param name="git">The git program.</param>
/// <param name="options">Settings.</param>
internal sealed class GitServing(RepositoryStore store, GitProgram git, GitHostOptions options) : IDisposable
{
    // Configuration comes with each call, so that it is the same for old and new repositories and nothing pushed can change it.
    private static readonly (string, string)[] Configuration =
    [
        ("transfer.hideRefs", "refs/capstan"),
        ("receive.fsckObjects", "true"),
        ("receive.unpackLimit", "100"),
        ("receive.advertiseAtomic", "true"),
        ("receive.advertisePushOptions", "false"),
        ("receive.certNonceSeed", ""),
        ("receive.denyDeleteCurrent", "warn"),
        ("uploadpack.allowFilter", "true"),
        ("uploadpack.allowReachableSHA1InWant", "true"),
        ("uploadpackfilter.allow", "false"),
        ("uploadpackfilter.blob:none.allow", "true"),
        ("uploadpackfilter.blob:limit.allow", "true"),
        ("uploadpackfilter.tree.allow", "true"),
        ("uploadpackfilter.object:type.allow", "true"),
        ("uploadpackfilter.combine.allow", "true"),
        ("pack.threads", "1"),
        ("pack.windowMemory", "128m"),
    ];

    public GitProgram Git => git;

    public RepositoryStore Store => store;

    public GitHostOptions Options => options;

    /// <summary>The places in which git may work.</summary>
    public PeerPlaces Places { get; } = new(options);

    /// <summary>A call of a service on a repository.</summary>
    /// <param name="service">The service.</param>
    /// <param name="path">The repository's folder.</param>
    /// <param name="protocol">What the client said in Git-Protocol; null for nothing.</param>
    /// <param name="advertise">Whether only refs and capabilities are told.</param>
    /// <param name="guarded">A folder of the repository that the push may not change; empty for none.</param>
    public ProgramCall Call(GitService service, string path, string? protocol, bool advertise, string guarded = "")
    {
        string[] mode = advertise ? ["--http-backend-info-refs"] : [];
        (string, string)[] environment = [.. protocol is null ? Array.Empty<(string, string)>() : [("GIT_PROTOCOL", protocol)], .. guarded.Length == 0 ? Array.Empty<(string, string)>() : [("CAPSTAN_GUARDED", guarded)]];
        (string, string)[] hooks = guarded.Length == 0 ? [] : [("core.hooksPath", store.HooksFolder)];
        (string, string)[] size = [("receive.maxInputSize", options.MaxPushBytes.ToString(System.Globalization.CultureInfo.InvariantCulture))];
        return GitProgram.Call([service.Command, "--stateless-rpc", .. mode, "."], [.. Configuration, .. size, .. hooks], environment) with
        {
            WorkingFolder = path,
            TimeLimit = options.ServiceTime,
        };
    }

    public void Dispose() => Places.Dispose();
}
