using Capstan.Access.Secrets;
using Capstan.Access.SignIn;
using Capstan.Api.Tokens;
using Capstan.Server.Endpoints;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Capstan.Server.Pages.Slices;
using Capstan.Server.Problems;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Pages;

/// <summary>A program that asks to be signed in.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Code">What was typed.</param>
/// <param name="Login">The program; null when no code was given, or nothing waits under it.</param>
/// <param name="Message">What there is to say.</param>
/// <param name="IsDone">Whether it was answered.</param>
/// <param name="ServerUrl">The server's address, for commands.</param>
public sealed record DeviceModel(Frame Frame, string Code, DeviceLogin? Login, string Message, bool IsDone, string ServerUrl);

/// <summary>Where a person says whether a program may be signed in.</summary>
internal static class DevicePage
{
    public static Task ShowAsync(HttpContext http, ServerParts parts)
    {
        var code = http.Request.Query["code"].FirstOrDefault() ?? "";
        var login = code.Length is > 0 and < 40 ? parts.Devices.Find(code) : null;
        return ShowAsync(http, parts, code, login, code.Length > 0 && login is null ? Gone : "", false, code.Length > 0 && login is null ? 404 : 200);
    }

    public static async Task AnswerAsync(HttpContext http, ServerParts parts)
    {
        var form = await PageForm.ReadAsync(http).ConfigureAwait(false);
        var code = form["code"].FirstOrDefault() ?? "";
        if (parts.Devices.Find(code) is not { } login)
        {
            await ShowAsync(http, parts, "", null, Gone, false, 404).ConfigureAwait(false);
            return;
        }

        if (form["answer"].FirstOrDefault() != "allow")
        {
            parts.Devices.Answer(login, new DeviceAnswer(null));
            await ShowAsync(http, parts, "", null, "It was refused. The program is told so.", true).ConfigureAwait(false);
            return;
        }

        NewToken made;
        try
        {
            made = await TokenEndpoints.IssueAsync(http, parts, new CreateToken($"login-{login.UserCode}")).ConfigureAwait(false);
        }
        catch (RequestProblem e)
        {
            await ShowAsync(http, parts, code, login, $"{e.Message}. {e.Next}", false, e.Status).ConfigureAwait(false);
            return;
        }

        http.Items[ActivityMiddleware.NameItem] = made.Info.Name;
        if (!parts.Devices.Answer(login, new DeviceAnswer(new Secret<string>(made.Token))))
        {
            // Somebody answered in the same moment: a token that nobody fetches is not left behind.
            await TokenEndpoints.RevokeAsync(http, parts, made.Info.Id).ConfigureAwait(false);
            await ShowAsync(http, parts, "", null, Gone, false, 404).ConfigureAwait(false);
            return;
        }

        await ShowAsync(http, parts, "", null, $"The program is signed in as you, with the token {made.Info.Name}. You may close this page; the token can be ended under your account.", true).ConfigureAwait(false);
    }

    private const string Gone = "No program waits under this code. Codes hold for ten minutes; run `capstan login --device` again.";

    private static Task ShowAsync(HttpContext http, ServerParts parts, string code, DeviceLogin? login, string message, bool done, int status = 200) =>
        PageFrame.ShowAsync(http, Device.Create(new DeviceModel(PageFrame.Of(http, parts, "Sign a program in", "Account") with { Path = "/account" }, code, login, message, done,
            (parts.Settings.ExternalUrl ?? parts.Url()).ToString().TrimEnd('/'))), status);
}
