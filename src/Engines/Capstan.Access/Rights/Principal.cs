namespace Capstan.Access.Rights;

/// <summary>What kind of one a principal is.</summary>
public enum PrincipalKind
{
    /// <summary>Nobody in particular: no credential came with the request.</summary>
    Anonymous,

    /// <summary>The holder of the administrator's token.</summary>
    Administrator,

    /// <summary>Capstan itself, acting on its own account: a controller, a commit written back.</summary>
    System,

    /// <summary>A person: <c>local:NAME</c> or <c>oidc:NAME</c>. May do what bindings give to the name or to a group.</summary>
    User,

    /// <summary>A program that Capstan itself started, such as a workflow's run. May do what its own grants say and nothing else.</summary>
    Robot,
}

/// <summary>Who asks for something.</summary>
/// <param name="Kind">What kind of one.</param>
/// <param name="Name">The name shown in the history and in logs; those of people carry a prefix that says who vouches for them.</param>
public sealed record Principal(PrincipalKind Kind, string Name)
{
    /// <summary>The prefix of local users and their groups.</summary>
    public const string LocalPrefix = "local:";

    /// <summary>The prefix of users and groups that an OpenID provider vouches for.</summary>
    public const string OpenIdPrefix = "oidc:";

    /// <summary>No credential was given.</summary>
    public static readonly Principal Anonymous = new(PrincipalKind.Anonymous, "anonymous");

    /// <summary>The administrator.</summary>
    public static readonly Principal Administrator = new(PrincipalKind.Administrator, "admin");

    /// <summary>Capstan itself.</summary>
    public static readonly Principal System = new(PrincipalKind.System, "capstan");

    /// <summary>The groups that it is in, with their prefix.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>What a robot may do.</summary>
    public IReadOnlyList<Grant> Grants { get; init; } = [];

    /// <summary>What it may do at most with the credential that it gave; null for no limit. It never widens.</summary>
    public IReadOnlyList<Grant>? Scope { get; init; }

    /// <summary>The name of the token that was given; null for a session or the administrator's token.</summary>
    public string? Token { get; init; }

    /// <summary>The id of that token.</summary>
    public string? TokenId { get; init; }

    /// <summary>Whether somebody is known at all.</summary>
    public bool IsSignedIn => Kind != PrincipalKind.Anonymous;

    /// <summary>Whether a name may be given to a person or a group: no control characters, no <c>system:</c> (Kubernetes' own), 253 characters at most.</summary>
    public static bool IsFitName(string name) =>
        name.Length is > 0 and <= 253 && !name.StartsWith("system:", StringComparison.OrdinalIgnoreCase) && !name.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c is ',' or '"');

    /// <inheritdoc/>
    public override string ToString() => Token is null ? Name : $"{Name} (token {Token})";
}
