namespace Capstan.Access.Rights;

/// <summary>What an endpoint does with what it is asked for; each endpoint states its own, nothing of the request can change it.</summary>
public enum Right
{
    /// <summary>Looks only.</summary>
    Read,

    /// <summary>Changes something: pushes, syncs, edits.</summary>
    Write,

    /// <summary>Changes who may do what, or Capstan's own settings.</summary>
    Administer,
}

/// <summary>Whether a principal may do something.</summary>
public enum AccessDecision
{
    /// <summary>It may.</summary>
    Allowed,

    /// <summary>Not without a credential (HTTP 401).</summary>
    CredentialNeeded,

    /// <summary>Not with this credential (HTTP 403, or 404 where existence is to be hidden).</summary>
    Denied,
}

/// <summary>The one place that decides who may do what.</summary>
/// <param name="AllowAnonymousReading">Whether everybody may read (<c>--allow-anonymous</c>).</param>
public sealed record AccessRules(bool AllowAnonymousReading)
{
    /// <summary>Decides about one request.</summary>
    /// <param name="principal">Who asks.</param>
    /// <param name="right">What the endpoint that would be executed does.</param>
    public AccessDecision Decide(Principal principal, Right right) => (principal.Kind, right) switch
    {
        (PrincipalKind.Administrator or PrincipalKind.System, _) => AccessDecision.Allowed,
        (PrincipalKind.Anonymous, Right.Read) when AllowAnonymousReading => AccessDecision.Allowed,
        (PrincipalKind.Anonymous, _) => AccessDecision.CredentialNeeded,
        _ => AccessDecision.Denied,
    };
}
