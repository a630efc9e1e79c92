using Capstan.Access.Rights;
using Capstan.Server.People;
using Capstan.Server.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Capstan.Server.Guarding;

/// <summary>Stands between the choice of a route and the route: asks whether who asks may do what the route states. A route that states nothing
/// is never reached.</summary>
/// <param name="next">What follows.</param>
/// <param name="rules">Decides.</param>
/// <param name="opinions">A cluster of others that has a say; null for the embedded one.</param>
/// <param name="nameOf">The full name of a thing by the one in the route, as of an application within its project; null when there is none.</param>
internal sealed class RightsMiddleware(RequestDelegate next, AccessRules rules, Func<ClusterOpinions?> opinions, Func<ResourceKind, string, string?> nameOf)
{
    private static readonly PathString Git = "/git";

    public Task InvokeAsync(HttpContext http)
    {
        var principal = GuardMiddleware.PrincipalOf(http);
        return opinions() is { } cluster && ClusterOpinions.Concerns(principal) && !http.Request.Path.StartsWithSegments(Git) && http.GetEndpoint()?.Metadata.GetMetadata<StatedRight>() is { } right
            ? AskAsync(http, cluster, principal, right)
            : DecideAsync(http);
    }

    // All that the route and what it shows may depend on is asked before, so that no decision waits.
    private async Task AskAsync(HttpContext http, ClusterOpinions cluster, Principal principal, StatedRight right)
    {
        var name = right.Resource is ResourceKind.Applications or ResourceKind.ApplicationSets && right.NameFrom is { } parameter && http.GetRouteValue(parameter) is string given ? nameOf(right.Resource, given) : null;
        await cluster.AskAsync(principal, right.Verb, name?[..name.IndexOf('/', StringComparison.Ordinal)], http.RequestAborted).ConfigureAwait(false);
        await DecideAsync(http).ConfigureAwait(false);
    }

    private Task DecideAsync(HttpContext http)
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
            case AccessDecision.Denied when rules.IsOverruled(principal, right.Verb, right.Resource, name):
                return Answers.ProblemAsync(http, 403, "not-allowed", "Not allowed", $"{principal}: may not {right} {given}: the cluster is against it",
                    $"Ask an administrator of the cluster for the verb {right.Verb.ToString().ToLowerInvariant()} on appprojects/applications");
            default:
                return Answers.ProblemAsync(http, 403, "not-allowed", "Not allowed", $"{principal}: may not {right}{(given is null ? "" : $" {given}")}",
                    "Ask an administrator for a binding: an AccessBinding in the platform repository");
        }
    }

    private static string Singular(ResourceKind kind) => kind == ResourceKind.Repositories ? "repository" : kind.ToString().ToLowerInvariant().TrimEnd('s');
}
