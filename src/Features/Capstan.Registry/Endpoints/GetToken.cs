using Capstan.Oci.References;
using Capstan.Registry.Tokens;
using Microsoft.AspNetCore.Http;

namespace Capstan.Registry.Endpoints;

/// <summary><c>GET /v2/token</c>: a token for what is asked and may be done. Asked for more, it opens less; asked without a credential, what everybody may.</summary>
internal static class GetToken
{
    private const int MostScopes = 100;

    public static Task ServeAsync(HttpContext http, RegistryTokens tokens, Func<ImageName, RegistryAction, bool> may, TimeSpan lifetime)
    {
        var granted = new HashSet<(string, RegistryAction)>();
        foreach (var scope in http.Request.Query["scope"].SelectMany(s => s?.Split(' ') ?? []).Take(MostScopes))
        {
            foreach (var (name, action) in Read(scope).Where(s => may(s.Name, s.Action))) granted.Add((name.Text, action));
        }

        var token = tokens.Issue(new RegistryGrant(http.Request.Headers.Authorization.FirstOrDefault() ?? "", granted), lifetime);
        http.Response.Headers.CacheControl = "no-store";
        return RegistryJson.WriteAsync(http, "application/json", writer =>
        {
            writer.WriteString("token", token);
            writer.WriteString("access_token", token);
            writer.WriteNumber("expires_in", (int)lifetime.TotalSeconds);
        });
    }

    // repository:NAME:ACTION,ACTION
    private static IEnumerable<(ImageName Name, RegistryAction Action)> Read(string scope)
    {
        if (scope.Split(':') is not ["repository", var text, var actions] || !ImageName.TryParse(text, out var name)) yield break;
        foreach (var action in Enum.GetValues<RegistryAction>())
        {
            if (actions.Split(',').Any(a => a == action.Word() || a == "*")) yield return (name, action);
        }
    }
}
