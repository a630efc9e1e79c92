using Capstan.Workflows.Files;
using Capstan.Yaml;

namespace Capstan.Workflows.Running;

/// <summary>How much of one kind of things a token may do.</summary>
public enum PermissionLevel
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Read.</summary>
    Read,

    /// <summary>Read and change.</summary>
    Write,
}

/// <summary>What a job's token may do in its repository, by the words of <c>permissions</c>. Whatever it says, the token may not change workflow files and
/// may not approve anything.</summary>
/// <param name="Contents">The repository: read, or push to.</param>
/// <param name="Packages">Images of the repository.</param>
/// <param name="Actions">Runs: look at, or start and end.</param>
/// <param name="Statuses">The checks of a commit.</param>
public sealed record RunPermissions(PermissionLevel Contents, PermissionLevel Packages, PermissionLevel Actions, PermissionLevel Statuses)
{
    /// <summary>What a token may do where nothing is said: read the code and push its images.</summary>
    public static readonly RunPermissions Usual = new(PermissionLevel.Read, PermissionLevel.Write, PermissionLevel.Read, PermissionLevel.Read);

    /// <summary>What the token of a run may do at most that nobody here trusts.</summary>
    public static readonly RunPermissions Untrusted = new(PermissionLevel.Read, PermissionLevel.None, PermissionLevel.None, PermissionLevel.None);

    /// <summary>Everything that can be given.</summary>
    public static readonly RunPermissions All = new(PermissionLevel.Write, PermissionLevel.Write, PermissionLevel.Write, PermissionLevel.Write);

    /// <summary>What both give.</summary>
    public RunPermissions Within(RunPermissions most) => new(
        Least(Contents, most.Contents), Least(Packages, most.Packages), Least(Actions, most.Actions), Least(Statuses, most.Statuses));

    /// <summary>What is written under <c>permissions</c>; what a map leaves out is nothing, as at GitHub. Null where nothing is written.</summary>
    internal static RunPermissions? Of(YamlNode? node) => node switch
    {
        YamlMap map => new(Level(map, "contents"), Level(map, "packages"), Level(map, "actions"), OfStatuses(map)),
        YamlScalar scalar when CoreScalars.Read(scalar).Text is "read-all" => new(PermissionLevel.Read, PermissionLevel.Read, PermissionLevel.Read, PermissionLevel.Read),
        YamlScalar scalar when CoreScalars.Read(scalar).Text is "write-all" => All,
        _ => null,
    };

    // GitHub knows checks beside statuses; here they are one.
    private static PermissionLevel OfStatuses(YamlMap map) => (PermissionLevel)Math.Max((int)Level(map, "statuses"), (int)Level(map, "checks"));

    private static PermissionLevel Level(YamlMap map, string name) => map[name] is YamlScalar scalar
        ? CoreScalars.Read(scalar).Text switch { "write" => PermissionLevel.Write, "read" => PermissionLevel.Read, _ => PermissionLevel.None }
        : PermissionLevel.None;

    private static PermissionLevel Least(PermissionLevel one, PermissionLevel other) => one < other ? one : other;
}
