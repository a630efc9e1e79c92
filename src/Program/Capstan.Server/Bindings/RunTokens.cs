using Capstan.Access.Rights;
using Capstan.Access.Tokens;
using Capstan.Workflows.Running;

namespace Capstan.Server.Bindings;

/// <summary>Tokens of runs: a robot that may read the run's own repository and images, until the run ends.</summary>
internal sealed class RunTokens(TokenBook book, TimeProvider time) : IRunTokens
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    public IRunToken Issue(string run, string repository)
    {
        var robot = new Principal(PrincipalKind.Robot, $"run:{run}")
        {
            Grants = [new Grant([Verb.Get, Verb.List], [ResourceKind.Repositories], [repository]), new Grant([Verb.Get, Verb.List, Verb.Create, Verb.Update], [ResourceKind.Images], [repository, $"{repository}/*"])],
        };
        var (token, text) = AccessToken.Issue($"run {run}", robot, null, time.GetUtcNow(), Longest);
        book.Put(token);
        return new Held(book, token.Id, text.Reveal());
    }

    private sealed class Held(TokenBook book, string id, string text) : IRunToken
    {
        public string Text => text;

        public void Dispose() => book.Remove(id);
    }
}
