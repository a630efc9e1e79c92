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

/// <summary><c>/api/v1/device-logins</c>: a program without a token asks to be signed in, and a person says yes in a browser (RFC 8628).</summary>
internal static class DeviceLoginEndpoints
{
    private const int Interval = 2;

    public static void Map(IEndpointRouteBuilder api, Func<ServerParts> parts)
    {
        api.MapPost("/device-logins", http => BeginAsync(http, parts())).IsOpen("who asks gets nothing until a person who is signed in allows it")
            .Tells("beginDeviceLogin", "Asks that a person signs a program in with a browser", typeof(DeviceLoginBegun), 201, typeof(BeginDeviceLogin));
        api.MapPost("/device-logins/token", http => AskAsync(http, parts())).IsOpen("the secret of the beginning is the credential; the token is told once")
            .Tells("askDeviceLogin", "How the sign-in of a program stands", typeof(DeviceLoginState), body: typeof(AskDeviceLogin));
    }

    private static async Task BeginAsync(HttpContext http, ServerParts parts)
    {
        var wish = await Json.ReadAsync(http, TokensJson.Default.BeginDeviceLogin).ConfigureAwait(false);
        var (secret, login) = parts.Devices.Begin(wish.Program ?? "", GuardMiddleware.AddressOf(http))
            ?? throw new RequestProblem(429, "too-many", "Too many calls", "too many programs wait to be signed in", "Answer those that wait, or ask again in some minutes");
        var url = new Uri(parts.Settings.ExternalUrl ?? parts.Url(), "/device?code=" + login.UserCode);
        http.Response.Headers.CacheControl = "no-store";
        await Json.WriteAsync(http, new DeviceLoginBegun(secret, login.UserCode, url.ToString(), TokenSecrets.Time(login.EndsAt), Interval), TokensJson.Default.DeviceLoginBegun, StatusCodes.Status201Created).ConfigureAwait(false);
    }

    private static async Task AskAsync(HttpContext http, ServerParts parts)
    {
        var asked = await Json.ReadAsync(http, TokensJson.Default.AskDeviceLogin).ConfigureAwait(false);
        var (state, token) = parts.Devices.Ask(asked.Secret ?? "");
        if (state == DeviceState.Unknown) throw RequestProblem.NotFound("the sign-in", "It took too long, or its token was fetched already; `capstan login --device` begins anew");
        http.Response.Headers.CacheControl = "no-store";
        await Json.WriteAsync(http, new DeviceLoginState(state.ToString().ToLowerInvariant(), token?.Reveal()), TokensJson.Default.DeviceLoginState).ConfigureAwait(false);
    }
}
