using Capstan.Access.Rights;
using Capstan.Access.Tokens;
using Capstan.Workflows.Running;

namespace Capstan.Server.Bindings;

/// <summary>Tokens of jobs: a robot that may do what the workflow's <c>permissions</c> say in the run's own repository, until the job ends. None of them
/// approves, promotes or changes rights.</summary>
internal sealed class RunTokens(TokenBook book, TimeProvider time) : IRunTokens
{
    private const string Prefix = "run:";
    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);
    private static readonly Verb[] Reading = [Verb.Get, Verb.List];
    private static readonly Verb[] Pushing = [Verb.Get, Verb.List, Verb.Update];
    private static readonly Verb[] Writing = [Verb.Get, Verb.List, Verb.Create, Verb.Update];

    /// <summary>Whether a principal is a job, which may not change workflow files whatever else it may.</summary>
    public static bool IsRun(Principal principal) => principal.Kind == PrincipalKind.Robot && principal.Name.StartsWith(Prefix, StringComparison.Ordinal);

    public IRunToken Issue(string job, string repository, RunPermissions permissions)
    {
        var robot = new Principal(PrincipalKind.Robot, Prefix + job) { Grants = [.. Grants(repository, permissions)] };
        var (token, text) = AccessToken.Issue($"run {job}", robot, null, time.GetUtcNow(), Longest);
        book.Put(token);
        return new Held(book, token.Id, text.Reveal());
    }

    private static IEnumerable<Grant> Grants(string repository, RunPermissions permissions)
    {
        if (permissions.Contents > PermissionLevel.None) yield return new Grant(permissions.Contents == PermissionLevel.Write ? Pushing : Reading, [ResourceKind.Repositories], [repository]);
        if (permissions.Packages > PermissionLevel.None) yield return new Grant(permissions.Packages == PermissionLevel.Write ? Writing : Reading, [ResourceKind.Images], [repository, $"{repository}/*"]);
        if (permissions.Actions > PermissionLevel.None) yield return new Grant(permissions.Actions == PermissionLevel.Write ? Writing : Reading, [ResourceKind.Runs], [$"{repository}/*"]);
        if (permissions.Statuses > PermissionLevel.None) yield return new Grant(permissions.Statuses == PermissionLevel.Write ? Writing : Reading, [ResourceKind.Runs], [$"{repository}/checks"]);
    }

    private sealed class Held(TokenBook book, string id, string text) : IRunToken
    {
        public string Text => text;

        public void Dispose() => book.Remove(id);
    }
}
