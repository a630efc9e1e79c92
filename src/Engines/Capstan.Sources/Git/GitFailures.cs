namespace Capstan.Sources.Git;

/// <summary>Reads out of git's words what kind of failure it was. The words are those of git in the C locale.</summary>
internal static class GitFailures
{
    private static readonly (SourceProblem Problem, string Hint, string[] Words)[] Known =
    [
        (SourceProblem.Refused, "the protocol or redirect is not allowed; register the address that the server names",
            ["unable to update url base from redirection", "' not allowed", "error: 301", "error: 302", "error: 307", "error: 308"]),
        (SourceProblem.AuthenticationFailed, "the host key is not the known one; check ssh_known_hosts in the ConfigMap argocd-ssh-known-hosts-cm",
            ["Host key verification failed", "REMOTE HOST IDENTIFICATION HAS CHANGED"]),
        (SourceProblem.AuthenticationFailed, "the server refuses the credentials; check the repository's Secret",
            ["Authentication failed", "could not read Username", "could not read Password", "error: 401", "error: 403", "Permission denied (",
             "terminal prompts disabled", "invalid credentials", "invalid format"]),
        (SourceProblem.RepositoryNotFound, "there is no such repository, or these credentials may not see it",
            ["Repository not found", "repository not found", "does not appear to be a git repository", "error: 404", "does not exist", "' not found"]),
        (SourceProblem.AuthenticationFailed, "the server's certificate is not one to be believed; give its authority in the ConfigMap argocd-tls-certs-cm under the server's name",
            ["SSL certificate problem", "server certificate verification failed", "server verification failed", "no alternative certificate subject name"]),
        (SourceProblem.Unreachable, "the server cannot be reached or broke off",
            ["Could not resolve host", "Could not resolve hostname", "Connection refused", "Connection timed out", "Operation timed out", "Failed to connect", "Couldn't connect",
             "No route to host", "Network is unreachable", "Connection reset", "early EOF", "RPC failed", "error: 5", "error: 429", "unexpected disconnect",
             "SSL", "Operation too slow", "the remote end hung up", "unable to access", "Empty reply", "Could not read from remote repository"]),
    ];

    /// <summary>The failure of a call to a remote.</summary>
    public static SourceException Explain(GitRemote remote, string action, string errors)
    {
        var said = remote.Credentials.Redact(errors);
        foreach (var (problem, hint, words) in Known)
        {
            if (words.Any(word => errors.Contains(word, StringComparison.Ordinal)))
            {
                return new SourceException(problem, $"{remote.Url}: {action} failed: {hint}. git said: {Shorten(said)}");
            }
        }

        return new SourceException(SourceProblem.Failed, $"{remote.Url}: {action} failed. git said: {Shorten(said)}");
    }

    private static string Shorten(string said)
    {
        var lines = said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var text = string.Join("; ", lines.TakeLast(4));
        return string.Concat(text.Take(600).Select(c => char.IsControl(c) ? '?' : c));
    }
}
