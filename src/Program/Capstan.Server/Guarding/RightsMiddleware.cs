using Capstan.Access.Rights;
using Capstan.Server.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Capstan.Server.Guarding;

/// <summary>Stands between the choice of a route and the route: asks whether who asks may do what the route states. A route that states nothing
/// is never reached.</summary>
/// <param name="next">What follows.</param>
/// <param name="rules">Decides.</param>
/// <param name="nameOf">The full name of a thing by the one in the route, as of an application within its project; null when there is none.</param>
internal sealed class RightsMiddleware(RequestDelegate next, AccessRules rules, Func<ResourceKind, string, string?> nameOf)
{
    public Task InvokeAsync(HttpContext http)
    {
        var principal = GuardMiddleware.PrincipalOf(http);
        if (http.GetEndpoint() is not { } endpoint)
        {
            // What is not served is not told to nobody.
            return principal.IsSignedIn || rules.AllowAnonymousReading ? next(http) : GuardMiddleware.ChallengeAsync(http, "no token was given");
        }
        if (endpoint.Metadata.GetMetadata<OpenToAll>() is not null) return next(http);
        if (endpoint.Metadata.GetMetadata<StatedRight>() is not { } right) throw new InvalidOperationException($"{endpoint.DisplayName}: states no right");
        if (right.AsksItself) return next(http);
        if (right.OwnIsEnough) return principal.IsSignedIn || rules.May(principal, right.Verb, right.Resource) ? next(http) : GuardMiddleware.ChallengeAsync(http, "no token was given");
        var given = right.NameFrom is { } parameter ? http.GetRouteValue(parameter) as string : null;
        if (given is not null && http.GetRouteValue("owner") is string owner) given = $"{owner}/{given}";
        var name = given is null ? null : nameOf(right.Resource, given);
        // A thing that is not there has no full name: who may get any of its kind is told that it is not there.
        var decision = given is not null && name is null && !principal.IsSignedIn && !rules.May(principal, right.Verb, right.Resource)
            ? AccessDecision.CredentialNeeded
            : given is not null && name is null && !rules.May(principal, right.Verb, right.Resource) ? AccessDecision.Hidden : rules.Decide(principal, right.Verb, right.Resource, name);
        switch (decision)
        {
            case AccessDecision.Allowed:
                return next(http);
            case AccessDecision.CredentialNeeded:
                return GuardMiddleware.ChallengeAsync(http, "no token was given");
            case AccessDecision.Hidden when given is not null:
                return Answers.ProblemAsync(http, 404, "not-found", "Not found", $"{Singular(right.Resource)} {given}: does not exist, or you may not see it",
                    "Ask an administrator for a binding, if it should be there");
            default:
                return Answers.ProblemAsync(http, 403, "not-allowed", "Not allowed", $"{principal}: may not {right}{(given is null ? "" : $" {given}")}",
                    "Ask an administrator for a binding: an AccessBinding in the platform repository");
        }
    }

    private static string Singular(ResourceKind kind) => kind == ResourceKind.Repositories ? "repository" : kind.ToString().ToLowerInvariant().TrimEnd('s');
}
