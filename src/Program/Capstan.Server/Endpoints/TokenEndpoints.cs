using Capstan.Access.Rights;
using Capstan.Access.Tokens;
using Capstan.Api.Tokens;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Capstan.Server.OpenApi;
using Capstan.Server.People;
using Capstan.Server.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Capstan.Server.Endpoints;

/// <summary><c>/api/v1/tokens</c>: one's own need no right beyond being signed in; those of others do. A token makes no token that may more than itself.</summary>
internal static class TokenEndpoints
{
    private const int LongestDays = 365;
    private const int UsualDays = 30;
    private const int MostTokens = 200;

    public static void Map(IEndpointRouteBuilder api, Func<ServerParts> parts)
    {
        var all = api.MapGroup("/tokens");
        all.MapGet("", http => Json.WriteAsync(http, List(http, parts()), TokensJson.Default.TokenList)).NeedsSignIn(Verb.List, ResourceKind.Tokens)
            .Tells("listTokens", "One's own tokens, and those of others that one may see", typeof(TokenList));
        all.MapPost("", http => CreateAsync(http, parts())).NeedsSignIn(Verb.Create, ResourceKind.Tokens)
            .Tells("createToken", "Makes a token that speaks for whoever asks; its text is told once", typeof(NewToken), 201, typeof(CreateToken));
        all.MapDelete("/{id}", http => DeleteAsync(http, parts())).NeedsSignIn(Verb.Delete, ResourceKind.Tokens)
            .Tells("deleteToken", "Ends a token, by its id or by the name of one's own", status: 204);
    }

    public static TokenList List(HttpContext http, ServerParts parts)
    {
        var principal = GuardMiddleware.PrincipalOf(http);
        return new TokenList([.. parts.Tokens.All.Where(t => t.Owner.Kind != PrincipalKind.Robot && t.ExpiresAt > parts.Time.GetUtcNow() && MaySee(parts, principal, t, Verb.Get))
            .OrderBy(t => t.Owner.Name, StringComparer.Ordinal).ThenBy(t => t.Name, StringComparer.Ordinal).Select(Info)]);
    }

    /// <summary>Makes a token for who asks.</summary>
    public static async Task<NewToken> IssueAsync(HttpContext http, ServerParts parts, CreateToken wish)
    {
        var principal = GuardMiddleware.PrincipalOf(http);
        // What speaks for a job ends with it, and must leave nothing that outlives it.
        if (principal.Kind == PrincipalKind.Robot) throw new RequestProblem(403, "not-allowed", "Not allowed", $"{principal}: a robot makes no tokens", "Sign in as a person");

        // Otherwise a token could make its own successor and never end.
        if (principal.Scope is not null && !parts.Rules.May(principal, Verb.Create, ResourceKind.Tokens, wish.Name))
        {
            throw new RequestProblem(403, "not-allowed", "Not allowed", $"{principal}: a token that is limited makes no tokens", "Sign in, or allow create:tokens to it");
        }
        if (!Principal.IsFitName(wish.Name) || wish.Name.Length > 63) throw RequestProblem.Refused("name: needs 1 to 63 characters without spaces and commas");
        if (wish.Days is < 1 or > LongestDays) throw RequestProblem.Refused($"days: {wish.Days} is not from 1 to {LongestDays}");
        var owner = wish.Role is null ? principal : RoleOf(http, parts, wish.Role);
        var own = parts.Tokens.All.Where(t => t.Owner.Name == owner.Name && t.ExpiresAt > parts.Time.GetUtcNow()).ToArray();
        if (own.Any(t => t.Name == wish.Name)) throw RequestProblem.Conflict($"token {wish.Name}: exists already", $"Delete it with `capstan delete token {wish.Name}`, or take another name");
        if (own.Length >= MostTokens) throw RequestProblem.Refused($"{owner.Name}: has {MostTokens} tokens already", "Delete some");
        var scope = Scope(wish) ?? (wish.Role is null ? principal.Scope : null);
        if (scope is not null)
        {
            foreach (var grant in scope.Where(g => !parts.Rules.MayHandOn(owner, g)))
            {
                throw new RequestProblem(403, "not-allowed", "Not allowed", $"allow {grant}: is more than {owner} may", "Ask for less");
            }
        }
        var (token, text) = AccessToken.Issue(wish.Name, owner, scope, parts.Time.GetUtcNow(), TimeSpan.FromDays(wish.Days ?? UsualDays));
        await parts.Access.AddAsync(token, http.RequestAborted).ConfigureAwait(false);
        return new NewToken(text.Reveal(), Info(token));
    }

    // Who may change a project could give the role any right there; nobody else hands out its tokens.
    private static Principal RoleOf(HttpContext http, ServerParts parts, string text)
    {
        if (ProjectRoles.Parse(text) is not { } named) throw RequestProblem.Refused($"role {text}: is no role; write PROJECT/ROLE");
        Permit.Demand(http, parts, Verb.Update, ResourceKind.Projects, named.Project);
        var subject = ProjectRole.SubjectOf(named.Project, named.Role);
        if (parts.Rules.Bindings.All(b => b.Name != subject))
        {
            throw RequestProblem.NotFound($"role {named.Role} of project {named.Project}", $"`capstan get project {named.Project} -o yaml` shows its roles; `capstan doctor` tells of policies that are not understood");
        }
        return new Principal(PrincipalKind.User, subject);
    }

    private static async Task CreateAsync(HttpContext http, ServerParts parts)
    {
        var wish = await Json.ReadAsync(http, TokensJson.Default.CreateToken).ConfigureAwait(false);
        http.Response.Headers.CacheControl = "no-store";
        await Json.WriteAsync(http, await IssueAsync(http, parts, wish).ConfigureAwait(false), TokensJson.Default.NewToken, StatusCodes.Status201Created).ConfigureAwait(false);
    }

    private static async Task DeleteAsync(HttpContext http, ServerParts parts)
    {
        await RevokeAsync(http, parts, (string)http.Request.RouteValues["id"]!).ConfigureAwait(false);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Ends a token, by its id or by the name of one's own.</summary>
    public static async Task RevokeAsync(HttpContext http, ServerParts parts, string id)
    {
        var principal = GuardMiddleware.PrincipalOf(http);
        var token = parts.Tokens.All.FirstOrDefault(t => (t.Id == id || (t.Name == id && t.Owner.Name == principal.Name)) && MaySee(parts, principal, t, Verb.Delete))
            ?? throw RequestProblem.NotFound($"token {id}", "`capstan get tokens` lists all");
        await parts.Access.RemoveAsync(token.Id, http.RequestAborted).ConfigureAwait(false);
    }

    private static bool MaySee(ServerParts parts, Principal principal, AccessToken token, Verb verb) =>
        (token.Owner.Name == principal.Name && principal.Scope is null) || parts.Rules.May(principal, verb, ResourceKind.Tokens, token.Name);

    private static List<Grant>? Scope(CreateToken wish)
    {
        if (wish.Allow is null) return null;
        var grants = new List<Grant>();
        foreach (var text in wish.Allow) grants.Add(Grant.TryParse(text, out var grant, out var problem) ? grant : throw RequestProblem.Refused($"allow: {problem}"));
        return grants.Count > 0 ? grants : throw RequestProblem.Refused("allow: is empty", "Leave it out for all that you may");
    }

    private static TokenInfo Info(AccessToken token) =>
        new(token.Id, token.Name, token.Owner.Name, token.Scope is null ? null : [.. token.Scope.Select(g => g.ToString())], TokenSecrets.Time(token.CreatedAt), TokenSecrets.Time(token.ExpiresAt));
}
