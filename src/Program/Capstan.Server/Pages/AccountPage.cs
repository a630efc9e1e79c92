using System.Globalization;
using Capstan.Access.Rights;
using Capstan.Access.SignIn;
using Capstan.Api.Tokens;
using Capstan.Server.Endpoints;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Capstan.Server.Pages.Slices;
using Capstan.Server.Problems;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Pages;

/// <summary>What belongs to who is signed in: tokens, password, sessions.</summary>
internal static class AccountPage
{
    public static Task ShowAsync(HttpContext http, ServerParts parts, NewToken? made, string problem, int status = 200)
    {
        var principal = GuardMiddleware.PrincipalOf(http);
        return PageFrame.ShowAsync(http, Account.Create(new AccountModel(
            PageFrame.Of(http, parts, principal.Name, "Account") with { Path = "/account" }, TokenEndpoints.List(http, parts).Items, made, problem, parts.Sessions.Of(principal.Name).Count, UserOf(parts, principal) is not null,
            principal.Groups)), status);
    }

    public static async Task CreateTokenAsync(HttpContext http, ServerParts parts)
    {
        var form = await PageForm.ReadAsync(http).ConfigureAwait(false);
        var allow = (form["allow"].FirstOrDefault() ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var days = int.TryParse(form["days"].FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 30;
        try
        {
            var made = await TokenEndpoints.IssueAsync(http, parts, new CreateToken((form["name"].FirstOrDefault() ?? "").Trim(), allow.Length == 0 ? null : allow, days)).ConfigureAwait(false);
            await ShowAsync(http, parts, made, "").ConfigureAwait(false);
        }
        catch (RequestProblem e)
        {
            await ShowAsync(http, parts, null, $"{e.Message}. {e.Next}", e.Status).ConfigureAwait(false);
        }
    }

    public static async Task DeleteTokenAsync(HttpContext http, ServerParts parts)
    {
        var form = await PageForm.ReadAsync(http).ConfigureAwait(false);
        await TokenEndpoints.RevokeAsync(http, parts, form["id"].FirstOrDefault() ?? "").ConfigureAwait(false);
        PageFrame.GoTo(http, "/account");
    }

    public static async Task ChangePasswordAsync(HttpContext http, ServerParts parts)
    {
        var form = await PageForm.ReadAsync(http).ConfigureAwait(false);
        var principal = GuardMiddleware.PrincipalOf(http);
        var (old, wanted) = (form["old"].FirstOrDefault() ?? "", form["new"].FirstOrDefault() ?? "");
        if (UserOf(parts, principal) is not { } user || principal.Token is not null) throw RequestProblem.Refused("only local users who signed in with their password have one to change");
        if (wanted.Length is < Passwords.Shortest or > Passwords.Longest)
        {
            await ShowAsync(http, parts, null, $"The new password needs {Passwords.Shortest} to {Passwords.Longest} characters.", StatusCodes.Status422UnprocessableEntity).ConfigureAwait(false);
            return;
        }
        var (right, _) = await parts.SignIn.TryAsync(user.Name, old, GuardMiddleware.AddressOf(http), http.RequestAborted).ConfigureAwait(false);
        if (right is null)
        {
            await ShowAsync(http, parts, null, "The present password was not right.", StatusCodes.Status403Forbidden).ConfigureAwait(false);
            return;
        }
        // All sessions end with the old password; this browser gets a new one.
        await parts.Access.PutUserAsync(user with { PasswordHash = Passwords.Hash(wanted) }, http.RequestAborted).ConfigureAwait(false);
        SignInPage.Open(http, parts, user.Principal);
        PageFrame.GoTo(http, "/account");
    }

    private static LocalUser? UserOf(ServerParts parts, Principal principal) =>
        principal.Name.StartsWith(Principal.LocalPrefix, StringComparison.Ordinal) ? parts.Access.FindUser(principal.Name[Principal.LocalPrefix.Length..]) : null;
}
