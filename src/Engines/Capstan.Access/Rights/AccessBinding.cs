namespace Capstan.Access.Rights;

/// <summary>Who gets what: an object <c>AccessBinding</c> (<c>capstan.dev/v1alpha1</c>) of the platform repository.</summary>
/// <param name="Name">The object's name, for messages.</param>
/// <param name="Subjects">Each as <c>user:NAME</c> or <c>group:NAME</c>, with the name's own prefix, as in <c>group:oidc:shop</c>; or <c>everyone</c> for all who are signed in.</param>
/// <param name="Grants">What they get.</param>
public sealed record AccessBinding(string Name, IReadOnlyList<string> Subjects, IReadOnlyList<Grant> Grants)
{
    /// <summary>What they do not get, whatever gives it to them: a refusal wins.</summary>
    public IReadOnlyList<Grant> Refusals { get; init; } = [];

    /// <summary>The subject that means all people who are signed in.</summary>
    public const string Everyone = "everyone";

    /// <summary>The prefix of a subject that is one person.</summary>
    public const string UserPrefix = "user:";

    /// <summary>The prefix of a subject that is a group.</summary>
    public const string GroupPrefix = "group:";

    /// <summary>Whether it speaks of a principal.</summary>
    public bool Binds(Principal principal) =>
        Subjects.Contains(Everyone) || Subjects.Contains(UserPrefix + principal.Name) || principal.Groups.Any(g => Subjects.Contains(GroupPrefix + g));
}
