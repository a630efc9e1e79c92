using System.Text;
using System.Text.RegularExpressions;
using Capstan.Api.Applications;
using Capstan.Server.Problems;
using Capstan.Yaml;

namespace Capstan.Server.Platform;

/// <summary>Writes the wish for an application as the file that people will read and change afterwards.</summary>
internal static partial class ApplicationFile
{
    /// <param name="wish">The wish.</param>
    /// <param name="urlOf">The URL of a repository of this server by its name.</param>
    /// <exception cref="RequestProblem">The wish is not sound; the message names the field.</exception>
    public static string Write(CreateApplication wish, Func<string, string> urlOf)
    {
        if (!Label().IsMatch(wish.Name) || wish.Name.Length > 63)
        {
            throw RequestProblem.Refused($"name {wish.Name}: is no DNS label: lower-case letters, digits and dashes, 63 at most, a letter or digit at each end");
        }
        if (wish.RepoUrl.Length == 0) throw RequestProblem.Refused("repoUrl: is empty");
        if (wish.Namespace is { } space && !Label().IsMatch(space)) throw RequestProblem.Refused($"namespace {space}: is no DNS label");
        var text = new StringBuilder();
        text.Append("apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n");
        Line(text, 1, "name", wish.Name);
        Line(text, 1, "namespace", "capstan");
        text.Append("  finalizers:\n    - resources-finalizer.argocd.argoproj.io\nspec:\n");
        Line(text, 1, "project", wish.Project ?? "default");
        text.Append("  source:\n");
        Line(text, 2, "repoURL", NamesOwnRepository(wish.RepoUrl) ? urlOf(wish.RepoUrl) : wish.RepoUrl);
        Line(text, 2, "path", wish.Path);
        Line(text, 2, "targetRevision", wish.Revision ?? "HEAD");
        if (wish.Recurse) text.Append("    directory:\n      recurse: true\n");
        text.Append("  destination:\n");
        Line(text, 2, "server", "https://kubernetes.default.svc");
        if (wish.Namespace is not null) Line(text, 2, "namespace", wish.Namespace);
        WritePolicy(text, wish);
        return text.ToString();
    }

    private static void WritePolicy(StringBuilder text, CreateApplication wish)
    {
        if (!wish.Automated && wish.SyncOptions is not { Count: > 0 }) return;
        text.Append("  syncPolicy:\n");
        if (wish.Automated)
        {
            var flags = new[] { ("prune", wish.Prune), ("selfHeal", wish.SelfHeal), ("allowEmpty", wish.AllowEmpty) }.Where(f => f.Item2).ToArray();
            text.Append(flags.Length == 0 ? "    automated: {}\n" : "    automated:\n");
            foreach (var (name, _) in flags) text.Append("      ").Append(name).Append(": true\n");
        }
        if (wish.SyncOptions is { Count: > 0 } options)
        {
            text.Append("    syncOptions:\n");
            foreach (var option in options) text.Append("      - ").Append(Scalar(option)).Append('\n');
        }
    }

    private static void Line(StringBuilder text, int depth, string key, string value) =>
        text.Append(' ', depth * 2).Append(key).Append(": ").Append(Scalar(value)).Append('\n');

    /// <summary>Plain where nothing can be misread; JSON's quotes, which YAML reads too, everywhere else.</summary>
    private static string Scalar(string value) => Plain().IsMatch(value) && !Misread().IsMatch(value) ? value : JsonText.Write(YamlScalar.String(value));

    private static bool NamesOwnRepository(string text) => OwnName().IsMatch(text);

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", RegexOptions.NonBacktracking)]
    private static partial Regex Label();

    [GeneratedRegex(@"^[A-Za-z/][A-Za-z0-9._/=@:+-]*[A-Za-z0-9/]$|^[A-Za-z]$", RegexOptions.NonBacktracking)]
    private static partial Regex Plain();

    [GeneratedRegex("^(?i:true|false|yes|no|on|off|null|y|n)$|: ", RegexOptions.NonBacktracking)]
    private static partial Regex Misread();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?$", RegexOptions.NonBacktracking)]
    private static partial Regex OwnName();
}
