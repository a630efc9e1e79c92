using Capstan.Access.Rights;
using Capstan.Access.Tokens;
using Capstan.Oci.References;

namespace Capstan.Registry.Tokens;

/// <summary>Who asks, and what that one may do.</summary>
/// <param name="Principal">Who.</param>
/// <param name="Grant">What the token of the token flow opens, where one was sent.</param>
/// <param name="Rules">Decides for everybody else.</param>
internal sealed record RegistryCaller(Principal Principal, RegistryGrant? Grant, AccessRules Rules)
{
    public bool HasToken => Grant is not null;

    public bool IsAnonymous => Principal.Kind == PrincipalKind.Anonymous;

    /// <summary>Finds the caller; null when a credential was sent that is not valid.</summary>
    public static RegistryCaller? Find(string? authorization, Authenticator authenticator, AccessRules rules, RegistryTokens tokens)
    {
        const string bearer = "Bearer " + RegistryTokens.Prefix;
        if (authorization?.StartsWith(bearer, StringComparison.OrdinalIgnoreCase) == true)
        {
            return tokens.Read(authorization["Bearer ".Length..]) is { } grant && authenticator.TryAuthenticate(grant.Authorization, out var holder) ? new RegistryCaller(holder, grant, rules) : null;
        }

        return authenticator.TryAuthenticate(authorization, out var principal) ? new RegistryCaller(principal, null, rules) : null;
    }

    /// <summary>A token opens what it says and no more; that its holder may still do it is asked each time.</summary>
    public AccessDecision Decide(ImageName name, RegistryAction action)
    {
        var decision = Rules.Decide(Principal, action.VerbOf(), ResourceKind.Images, name.Text);
        return decision == AccessDecision.Allowed && Grant?.Opens(name, action) == false ? AccessDecision.CredentialNeeded : decision;
    }
}
