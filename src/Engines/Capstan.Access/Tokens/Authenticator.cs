using System.Diagnostics.CodeAnalysis;
using System.Text;
using Capstan.Access.Rights;

namespace Capstan.Access.Tokens;

/// <summary>Finds out who sends a request from its Authorization header: <c>Bearer TOKEN</c>, or <c>Basic</c> with the token as password of any user.</summary>
/// <param name="administrator">The administrator's token.</param>
/// <param name="tokens">All other tokens; null where there are none.</param>
public sealed class Authenticator(AdministratorToken administrator, TokenBook? tokens = null)
{
    private const int LongestHeader = 8192;

    /// <summary>Finds the principal.</summary>
    /// <param name="authorization">The header's value; null or empty when there is none.</param>
    /// <param name="principal">Who it is; <see cref="Principal.Anonymous"/> when nothing was given.</param>
    /// <returns>False when a credential was given that is not valid: never to be treated as anonymous.</returns>
    public bool TryAuthenticate(string? authorization, [NotNullWhen(true)] out Principal? principal)
    {
        if (string.IsNullOrEmpty(authorization))
        {
            principal = Principal.Anonymous;
            return true;
        }

        principal = TokenOf(authorization) is { } token ? Find(token) : null;
        return principal is not null;
    }

    /// <summary>Who a token speaks for; null when it is none.</summary>
    public Principal? Find(string token) => administrator.Value.Matches(token) ? Principal.Administrator : tokens?.Find(token);

    /// <summary>Whether what somebody signed in with still holds.</summary>
    public bool StillHolds(Principal principal) => principal.TokenId is not { } id || tokens?.Holds(id) == true;

    private static string? TokenOf(string authorization)
    {
        var space = authorization.IndexOf(' ', StringComparison.Ordinal);
        if (authorization.Length > LongestHeader || space < 0)
        {
            return null;
        }

        var scheme = authorization.AsSpan(0, space);
        var value = authorization[(space + 1)..].Trim();
        if (scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
        {
            return value;
        }

        return scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) ? PasswordOf(value) : null;
    }

    private static string? PasswordOf(string base64)
    {
        var buffer = new byte[base64.Length];
        if (!Convert.TryFromBase64String(base64, buffer, out var length))
        {
            return null;
        }

        var pair = Encoding.UTF8.GetString(buffer, 0, length);
        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : pair[(colon + 1)..];
    }
}
