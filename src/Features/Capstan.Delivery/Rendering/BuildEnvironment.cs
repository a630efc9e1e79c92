using System.Text;

namespace Capstan.Delivery.Rendering;

/// <summary>The variables that Argo CD replaces in parameters, names of value files and annotations: <c>$ARGOCD_APP_NAME</c>, <c>${…}</c>.</summary>
internal sealed class BuildEnvironment(RenderRequest request)
{
    /// <summary>Whether the commit was asked for, so that every commit renders anew.</summary>
    public bool UsedCommit { get; private set; }

    /// <summary>Replaces variables as Go's <c>os.Expand</c> does; <c>$$</c> is a dollar, what is not known is empty.</summary>
    public string Substitute(string text)
    {
        if (!text.Contains('$', StringComparison.Ordinal))
        {
            return text;
        }

        var output = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                output.Append(text[i]);
                continue;
            }

            var (name, length) = Name(text.AsSpan(i + 1));

            // A dollar before nothing that could be a name stays.
            output.Append(length == 0 ? "$" : name == "$" ? "$" : ValueOf(name));
            i += length;
        }

        return output.ToString();
    }

    private static (string Name, int Length) Name(ReadOnlySpan<char> text)
    {
        if (text[0] == '{')
        {
            var end = text.IndexOf('}');

            // Bad syntax is eaten, as in Go.
            return end switch
            {
                < 0 => ("", 1),
                1 => ("", 2),
                _ => (text[1..end].ToString(), end + 1),
            };
        }

        if (text[0] is '*' or '#' or '$' or '@' or '!' or '?' or '-' || char.IsAsciiDigit(text[0]))
        {
            return (text[..1].ToString(), 1);
        }

        var length = 0;
        while (length < text.Length && (char.IsAsciiLetterOrDigit(text[length]) || text[length] == '_'))
        {
            length++;
        }

        return (text[..length].ToString(), length);
    }

    private string ValueOf(string name)
    {
        UsedCommit |= name.StartsWith("ARGOCD_APP_REVISION", StringComparison.Ordinal);
        return name switch
        {
            "ARGOCD_APP_NAME" => request.Target.Application,
            "ARGOCD_APP_NAMESPACE" => request.Target.Namespace,
            "ARGOCD_APP_PROJECT_NAME" => request.Target.Project,
            "ARGOCD_APP_REVISION" => request.Commit,
            "ARGOCD_APP_REVISION_SHORT" => request.Commit[..Math.Min(7, request.Commit.Length)],
            "ARGOCD_APP_REVISION_SHORT_8" => request.Commit[..Math.Min(8, request.Commit.Length)],
            "ARGOCD_APP_SOURCE_PATH" => request.Source.Path,
            "ARGOCD_APP_SOURCE_REPO_URL" => request.Source.RepoUrl,
            "ARGOCD_APP_SOURCE_TARGET_REVISION" => request.Source.TargetRevision,
            _ => "",
        };
    }
}
