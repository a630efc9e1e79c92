using System.Security.Cryptography;
using System.Text;

namespace Capstan.Workflows.Runs;

/// <summary>Names of runs: the same event gives the same name, so that it starts a workflow once however often it is told.</summary>
public static class RunNames
{
    private const int MostReadable = 40;

    /// <summary>The name of the run that an event starts.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="path">The workflow's file.</param>
    /// <param name="identity">What makes the event the same or another one.</param>
    public static string Of(string repository, string path, params ReadOnlySpan<string> identity)
    {
        var readable = Slug($"{repository}-{Path.GetFileNameWithoutExtension(path)}");
        return $"{readable}-{Hash(string.Join('\n', [repository, path, .. identity]))}";
    }

    /// <summary>A short hash.</summary>
    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..10];

    private static string Slug(string text)
    {
        var letters = text.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-').ToArray();
        var slug = new string(letters).Trim('-');
        return slug.Length > MostReadable ? slug[..MostReadable].TrimEnd('-') : slug.Length == 0 ? "run" : slug;
    }
}
