using Capstan.Access.Rights;
using Capstan.Server.Hosting;
using Capstan.Server.Problems;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Guarding;

/// <summary>What the body of a request adds to what its route states.</summary>
internal static class Permit
{
    /// <exception cref="RequestProblem">Who asks may not.</exception>
    public static void Demand(HttpContext http, ServerParts parts, Verb verb, ResourceKind resource, string name)
    {
        var principal = GuardMiddleware.PrincipalOf(http);
        if (parts.Rules.May(principal, verb, resource, name)) return;
        throw new RequestProblem(403, "not-allowed", "Not allowed", $"{principal}: may not {new StatedRight(verb, resource)} {name}",
            "Ask an administrator for a binding: an AccessBinding in the platform repository");
    }
}
