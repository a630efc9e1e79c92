using Capstan.Access.Rights;

namespace Capstan.Access.SignIn;

/// <summary>A person whom Capstan itself knows.</summary>
/// <param name="Name">The name without its prefix.</param>
/// <param name="Groups">The groups, without their prefix.</param>
/// <param name="PasswordHash">What <see cref="Passwords.Hash"/> made.</param>
public sealed record LocalUser(string Name, IReadOnlyList<string> Groups, string PasswordHash)
{
    /// <summary>Who it is for rights.</summary>
    public Principal Principal => new(PrincipalKind.User, Principal.LocalPrefix + Name) { Groups = [.. Groups.Select(g => Principal.LocalPrefix + g)] };

    /// <summary>No password, not even its hash.</summary>
    public override string ToString() => Principal.Name;
}
