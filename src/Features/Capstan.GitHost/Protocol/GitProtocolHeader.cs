using Microsoft.Extensions.Primitives;

namespace Capstan.GitHost.Protocol;

/// <summary>The Git-Protocol header: which version and extensions a client speaks. It becomes an environment variable, so it is checked first.</summary>
internal static class GitProtocolHeader
{
    private const int Longest = 256;

    /// <exception cref="GitHostException">It holds what no client of Git sends.</exception>
    public static string? Read(StringValues header)
    {
        if (header.Count == 0)
        {
            return null;
        }

        var text = header.Count == 1 ? header.ToString() : "";
        return text.Length is > 0 and <= Longest && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '=' or ':' or '.' or '_' or '-')
            ? text
            : throw new GitHostException(GitHostProblem.BadRequest, "the Git-Protocol header is not one");
    }
}
