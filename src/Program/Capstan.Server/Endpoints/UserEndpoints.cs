using System.Text.RegularExpressions;
using Capstan.Access.Rights;
using Capstan.Access.SignIn;
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

/// <summary><c>/api/v1/users</c>: local users. What they may do is a matter of bindings.</summary>
internal static partial class UserEndpoints
{
    private const int MostUsers = 5000;

    public static void Map(IEndpointRouteBuilder api, Func<ServerParts> parts)
    {
        var all = api.MapGroup("/users");
        all.MapGet("", http => Json.WriteAsync(http, new UserList([.. parts().Access.Users.Select(Info)]), UsersJson.Default.UserList))
            .Needs(Verb.List, ResourceKind.Users).Tells("listUsers", "Local users", typeof(UserList));
        all.MapPost("", http => CreateAsync(http, parts()))
            .Needs(Verb.Create, ResourceKind.Users).Tells("createUser", "Makes a local user, with a first password told once", typeof(NewUser), 201, typeof(CreateUser));
        all.MapDelete("/{name}", http => DeleteAsync(http, parts()))
            .Needs(Verb.Delete, ResourceKind.Users, "name").Tells("deleteUser", "Removes a local user; sessions and tokens end", status: 204);
    }

    public static void MapLinks(IEndpointRouteBuilder api, Func<ServerParts> parts) => api.MapPost("/sign-in-links", http => LinkAsync(http, parts()))
        .NeedsSignIn(Verb.Create, ResourceKind.Users).Tells("createSignInLink", "Makes a link that signs a browser in as whoever asks, once", typeof(SignInLink), 201);

    private static Task LinkAsync(HttpContext http, ServerParts parts)
    {
        var principal = GuardMiddleware.PrincipalOf(http);
        http.Items[ActivityMiddleware.NameItem] = "sign-in link";
        // The browser gets what the token has: its limits, and its end.
        var url = new Uri(parts.Settings.ExternalUrl ?? parts.Url(), "/sign-in/link/" + parts.Codes.Make(principal));
        http.Response.Headers.CacheControl = "no-store";
        return Json.WriteAsync(http, new SignInLink(url.ToString(), TokenSecrets.Time(parts.Time.GetUtcNow() + OneTimeCodes.Lifetime)), UsersJson.Default.SignInLink, StatusCodes.Status201Created);
    }

    private static async Task CreateAsync(HttpContext http, ServerParts parts)
    {
        var wish = await Json.ReadAsync(http, UsersJson.Default.CreateUser).ConfigureAwait(false);
        if (!Label().IsMatch(wish.Name) || wish.Name.Length > 50) throw RequestProblem.Refused($"name {wish.Name}: needs 1 to 50 lower-case letters, digits and dashes");
        foreach (var group in wish.Groups ?? []) if (!Label().IsMatch(group)) throw RequestProblem.Refused($"groups: {group}: needs lower-case letters, digits and dashes");
        if (parts.Access.FindUser(wish.Name) is not null) throw RequestProblem.Conflict($"user {wish.Name}: exists already", "Delete the user first to give a new password");
        if (parts.Access.Users.Count >= MostUsers) throw RequestProblem.Refused($"there are {MostUsers} local users already", "Use an OpenID provider");
        var password = Passwords.Make();
        var user = new LocalUser(wish.Name, wish.Groups ?? [], Passwords.Hash(password));
        await parts.Access.PutUserAsync(user, http.RequestAborted).ConfigureAwait(false);
        http.Response.Headers.CacheControl = "no-store";
        await Json.WriteAsync(http, new NewUser(password, Info(user)), UsersJson.Default.NewUser, StatusCodes.Status201Created).ConfigureAwait(false);
    }

    private static async Task DeleteAsync(HttpContext http, ServerParts parts)
    {
        var name = (string)http.Request.RouteValues["name"]!;
        name = name.StartsWith(Principal.LocalPrefix, StringComparison.Ordinal) ? name[Principal.LocalPrefix.Length..] : name;
        if (parts.Access.FindUser(name) is null) throw RequestProblem.NotFound($"user {name}", "`capstan get users` lists all");
        await parts.Access.RemoveUserAsync(name, http.RequestAborted).ConfigureAwait(false);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static UserInfo Info(LocalUser user) => new(user.Principal.Name, user.Principal.Groups);

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", RegexOptions.NonBacktracking)]
    private static partial Regex Label();
}
