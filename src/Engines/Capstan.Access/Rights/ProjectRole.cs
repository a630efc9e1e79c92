using System.Buffers;

namespace Capstan.Access.Rights;

/// <summary>
/// A role of a project with its policies, as Argo CD writes them: <c>p, proj:PROJECT:ROLE, RESOURCE, ACTION, PROJECT/NAME, allow|deny</c>
/// (user-guide/projects.md). Read field by field into grants; no text is ever put together into a policy.
/// </summary>
public static class ProjectRole
{
    private const int MostPolicies = 1_000;

    private static readonly SearchValues<char> OtherGlobs = SearchValues.Create("[]{}?\\");

    private static readonly Verb[] Every = [Verb.Get, Verb.Create, Verb.Update, Verb.Delete, Verb.Sync, Verb.Override, Verb.Rollback, Verb.Action, Verb.Approve];

    // Of Argo CD's own: rights over credentials of repositories and clusters of a project, which Capstan gives to nobody but administrators.
    private static readonly string[] GivesNothing = ["repositories", "clusters"];

    /// <summary>The name under which a role is a subject of bindings, and its tokens act.</summary>
    public static string SubjectOf(string project, string role) => $"proj:{project}:{role}";

    /// <summary>Reads a role. A role with a policy that is not understood gives nothing at all: a refusal might be among what was not read.</summary>
    /// <param name="project">The project.</param>
    /// <param name="role">The role.</param>
    /// <param name="policies">Its policies.</param>
    /// <param name="groups">The groups whose members have it, as the OpenID provider names them; those with a prefix of their own as they are.</param>
    /// <returns>The binding, or what is wrong.</returns>
    public static (AccessBinding? Binding, string? Problem) Read(string project, string role, IReadOnlyList<string> policies, IReadOnlyList<string> groups)
    {
        var subject = SubjectOf(project, role);
        if (!Principal.IsFitName(subject) || role.Length == 0 || project.Contains(':') || role.Contains(':')) return (null, $"project {project}: \"{role}\" is no name of a role");
        if (policies.Count > MostPolicies) return (null, $"{subject}: has more than {MostPolicies} policies");
        var (grants, refusals) = (new List<Grant>(), new List<Grant>());
        foreach (var policy in policies)
        {
            if (ReadPolicy(project, subject, policy, out var grant, out var allows) is { } problem) return (null, $"{subject}: policy \"{policy}\": {problem}");
            if (grant is not null) (allows ? grants : refusals).Add(grant);
        }

        string[] subjects = [AccessBinding.UserPrefix + subject, .. groups.Where(Principal.IsFitName).Select(g => AccessBinding.GroupPrefix + Prefixed(g))];
        return (new AccessBinding(subject, subjects, grants) { Refusals = refusals }, null);
    }

    private static string? ReadPolicy(string project, string subject, string policy, out Grant? grant, out bool allows)
    {
        (grant, allows) = (null, false);
        string[] fields = [.. policy.Split(',').Select(f => f.Trim())];
        if (fields is not ["p", var who, var resource, var action, var name, var effect]) return "wants six fields: p, subject, resource, action, object, effect";
        if (who != subject) return $"the subject must be {subject}";
        if (effect is not ("allow" or "deny")) return "the effect is allow or deny";
        allows = effect == "allow";
        if (GivesNothing.Contains(resource)) return null;
        if (!name.StartsWith(project + "/", StringComparison.Ordinal) || name.Length == project.Length + 1) return $"the object must begin with {project}/";
        IReadOnlyList<ResourceKind>? kinds = resource switch
        {
            "applications" or "logs" or "exec" => [ResourceKind.Applications],
            "applicationsets" => [ResourceKind.ApplicationSets],
            _ => null,
        };
        if (kinds is null) return $"{resource} is none of applications, applicationsets, logs, exec, repositories and clusters";
        if (Verbs(resource, action) is not { } verbs) return $"{action} is no action of {resource}";
        if (name.AsSpan(project.Length).ContainsAny(OtherGlobs)) return "of globs only * is understood";
        grant = new Grant(verbs, kinds, [name]);
        return null;
    }

    private static Verb[]? Verbs(string resource, string action) => (resource, action) switch
    {
        ("logs", "get" or "*") => [Verb.Logs],
        ("exec", "create" or "*") => [Verb.Exec],
        ("logs" or "exec", _) => null,
        (_, "*") => Every,
        (_, "get") => [Verb.Get],
        (_, "create") => [Verb.Create],
        (_, "update") => [Verb.Update],
        (_, "delete") => [Verb.Delete],
        // In Argo CD going back is a sync.
        ("applications", "sync") => [Verb.Sync, Verb.Rollback],
        ("applications", "override") => [Verb.Override],
        // Rights over single kinds and actions are not told apart.
        ("applications", "action/*") => [Verb.Action],
        _ => null,
    };

    private static string Prefixed(string group) =>
        group.StartsWith(Principal.OpenIdPrefix, StringComparison.Ordinal) || group.StartsWith(Principal.LocalPrefix, StringComparison.Ordinal) ? group : Principal.OpenIdPrefix + group;
}
