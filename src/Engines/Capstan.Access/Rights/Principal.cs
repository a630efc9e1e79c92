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
}

/// <summary>Who asks for something.</summary>
/// <param name="Kind">What kind of one.</param>
/// <param name="Name">The name shown in the history and in logs.</param>
public sealed record Principal(PrincipalKind Kind, string Name)
{
    /// <summary>No credential was given.</summary>
    public static readonly Principal Anonymous = new(PrincipalKind.Anonymous, "anonymous");

    /// <summary>The administrator.</summary>
    public static readonly Principal Administrator = new(PrincipalKind.Administrator, "admin");

    /// <summary>Capstan itself.</summary>
    public static readonly Principal System = new(PrincipalKind.System, "capstan");

    /// <inheritdoc/>
    public override string ToString() => Name;
}
