namespace Capstan.Access.Rights;

/// <summary>Whether a principal may do something.</summary>
public enum AccessDecision
{
    /// <summary>It may.</summary>
    Allowed,

    /// <summary>Not without a credential (HTTP 401).</summary>
    CredentialNeeded,

    /// <summary>Not with this credential, but it may know that the thing is there (HTTP 403).</summary>
    Denied,

    /// <summary>Not with this credential, and it must not learn whether the thing is there (HTTP 404).</summary>
    Hidden,
}

/// <summary>The one place that decides who may do what. It may be asked from any thread.</summary>
/// <param name="allowAnonymousReading">Whether everybody may read (<c>--allow-anonymous</c>).</param>
public sealed class AccessRules(bool allowAnonymousReading)
{
    private volatile IReadOnlyList<AccessBinding> _bindings = [];

    /// <summary>The bindings that hold now.</summary>
    public IReadOnlyList<AccessBinding> Bindings => _bindings;

    /// <summary>Who is asked besides about the applications of a project, and can only take away: a cluster of others. Null where nobody is.</summary>
    public Func<Principal, Verb, string, bool>? AlsoAsked { get; set; }

    /// <summary>Whether everybody may read.</summary>
    public bool AllowAnonymousReading => allowAnonymousReading;

    /// <summary>From now on these bindings hold, and no others.</summary>
    public void Use(IReadOnlyList<AccessBinding> bindings) => _bindings = bindings;

    /// <summary>Decides about one thing, or about a kind of things.</summary>
    /// <param name="principal">Who asks.</param>
    /// <param name="verb">What the endpoint that would be executed does.</param>
    /// <param name="resource">With what kind of things.</param>
    /// <param name="name">With which; null where the question is whether there is any such thing at all, as for a list that is filtered afterwards.</param>
    public AccessDecision Decide(Principal principal, Verb verb, ResourceKind resource, string? name)
    {
        if (May(principal, verb, resource, name)) return AccessDecision.Allowed;
        if (!principal.IsSignedIn) return AccessDecision.CredentialNeeded;
        return verb == Verb.Get || name is not null && !May(principal, Verb.Get, resource, name) ? AccessDecision.Hidden : AccessDecision.Denied;
    }

    /// <summary>Whether a principal may; for menus, filtered lists and the like, where no answer to a request depends on why not.</summary>
    public bool May(Principal principal, Verb verb, ResourceKind resource, string? name = null) =>
        HoldsHere(principal, verb, resource, name) && !IsAgainst(principal, verb, resource, name);

    /// <summary>Whether what Capstan itself would allow is refused by who is asked besides.</summary>
    public bool IsOverruled(Principal principal, Verb verb, ResourceKind resource, string? name) =>
        HoldsHere(principal, verb, resource, name) && IsAgainst(principal, verb, resource, name);

    /// <summary>Whether a principal holds all of a grant, so that it may hand it on.</summary>
    /// <remarks>Patterns are compared as text: one that is not literally given, and is not beneath a given one, is refused rather than reasoned about.</remarks>
    public bool MayHandOn(Principal principal, Grant grant)
    {
        IEnumerable<Verb> verbs = grant.Verbs.Count == 0 ? Enum.GetValues<Verb>() : grant.Verbs;
        IEnumerable<ResourceKind> resources = grant.Resources.Count == 0 ? Enum.GetValues<ResourceKind>() : grant.Resources;
        IEnumerable<string> names = grant.Names.Count == 0 ? ["*"] : grant.Names;
        // A pattern may reach what is refused, so that whoever has a refusal hands on nothing of that kind.
        bool Refused(Verb v, ResourceKind r) => principal.Kind == PrincipalKind.User && _bindings.Any(b => b.Binds(principal) && b.Refusals.Any(g => g.Concerns(v, r)));
        return verbs.All(v => resources.All(r => !Refused(v, r) && names.All(n => May(principal, v, r, n))));
    }

    private bool HoldsHere(Principal principal, Verb verb, ResourceKind resource, string? name) =>
        (principal.Scope is not { } scope || Gives(scope, verb, resource, name)) && Holds(principal, verb, resource, name);

    private bool IsAgainst(Principal principal, Verb verb, ResourceKind resource, string? name) => name is not null && AlsoAsked is { } asked
        && resource is ResourceKind.Applications or ResourceKind.ApplicationSets && !asked(principal, verb, name.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash ? name[..slash] : name);

    private bool Holds(Principal principal, Verb verb, ResourceKind resource, string? name) => principal.Kind switch
    {
        PrincipalKind.Administrator or PrincipalKind.System => true,
        PrincipalKind.Anonymous => allowAnonymousReading && verb is (Verb.Get or Verb.List) && resource is not (ResourceKind.Tokens or ResourceKind.Users),
        PrincipalKind.User => HoldsByBindings(_bindings, principal, verb, resource, name),
        PrincipalKind.Robot => Gives(principal.Grants, verb, resource, name),
        _ => false,
    };

    private static bool HoldsByBindings(IReadOnlyList<AccessBinding> bindings, Principal principal, Verb verb, ResourceKind resource, string? name)
    {
        var given = false;
        foreach (var binding in bindings.Where(b => b.Binds(principal)))
        {
            if (name is not null && binding.Refusals.Any(r => r.Covers(verb, resource, name))) return false;
            given |= Gives(binding.Grants, verb, resource, name);
        }

        return given;
    }

    // Who may get things of a kind may list that kind, and sees in the list what it may get.
    private static bool Gives(IReadOnlyList<Grant> grants, Verb verb, ResourceKind resource, string? name) => name is null
        ? grants.Any(g => g.Concerns(verb, resource) || (verb == Verb.List && g.Concerns(Verb.Get, resource)))
        : grants.Any(g => g.Covers(verb, resource, name));
}
