using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Capstan.Workflows.Actions;

/// <summary>Where an action lies.</summary>
public enum ActionOrigin
{
    /// <summary>In the same repository: <c>./path</c>.</summary>
    Local,

    /// <summary>In a repository of the Git host: <c>owner/name/path@ref</c>.</summary>
    Repository,

    /// <summary>An image: <c>docker://image</c>.</summary>
    Image,
}

/// <summary>The text behind <c>uses</c>, taken apart.</summary>
/// <param name="Origin">Where it lies.</param>
/// <param name="Repository"><c>owner/name</c>, or the image; empty for a local one.</param>
/// <param name="Path">The folder in the repository, without <c>./</c>; empty for its root.</param>
/// <param name="Ref">Branch, tag or commit; empty for a local one.</param>
public sealed partial record ActionReference(ActionOrigin Origin, string Repository, string Path, string Ref)
{
    private const int Longest = 500;

    /// <summary>Reads a reference.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ActionReference? reference)
    {
        reference = null;
        if (text.Length > Longest) return false;
        if (text.StartsWith("docker://", StringComparison.Ordinal))
        {
            if (Image().IsMatch(text)) reference = new ActionReference(ActionOrigin.Image, text["docker://".Length..], "", "");
        }
        else if (text == "." || text.StartsWith("./", StringComparison.Ordinal))
        {
            var path = text.Length < 2 ? "" : text[2..].TrimEnd('/');
            if (IsInside(path)) reference = new ActionReference(ActionOrigin.Local, "", path, "");
        }
        else if (Remote().Match(text) is { Success: true } match && IsInside(match.Groups["path"].Value))
        {
            reference = new ActionReference(ActionOrigin.Repository, match.Groups["repository"].Value, match.Groups["path"].Value, match.Groups["ref"].Value);
        }

        return reference is not null;
    }

    /// <summary>What is wrong with the form of an action's reference; null for nothing.</summary>
    public static string? Problem(string text) => TryParse(text, out _) ? null
        : $"'{text}' names no action; write owner/name@ref, owner/name/path@ref, ./path or docker://image";

    /// <summary>What is wrong with the form of a workflow's reference; null for nothing.</summary>
    public static string? WorkflowProblem(string text) =>
        TryParse(text, out var reference) && reference.Origin != ActionOrigin.Image && reference.Path is { } path
            && path.StartsWith(".github/workflows/", StringComparison.Ordinal) && (path.EndsWith(".yml", StringComparison.Ordinal) || path.EndsWith(".yaml", StringComparison.Ordinal))
            ? null
            : $"'{text}' names no workflow; write ./.github/workflows/FILE.yaml or owner/name/.github/workflows/FILE.yaml@ref";

    /// <summary>What is said of an action that is not there, with the two ways out.</summary>
    public static string MissingText(string text) => TryParse(text, out var reference) && reference.Origin == ActionOrigin.Repository
        ? $"the action {text} is neither built in nor on this Git host. Push a copy of its repository to {reference.Repository} here (or have the operator allow it under spec.workflows.actions of the Settings), or write the step as `run` or as an action of your own repository (uses: ./path)"
        : $"the action {text} is not there";

    // No part of a path may lead out of the repository.
    private static bool IsInside(string path) => !path.Contains('\\', StringComparison.Ordinal) && !path.Contains('\0', StringComparison.Ordinal)
        && (path.Length == 0 || path.Split('/').All(part => part is not ("" or "." or "..")));

    [GeneratedRegex(@"^(?<repository>[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9_][A-Za-z0-9._-]*)(/(?<path>[^@]*))?@(?<ref>[^\s@~^:?*\[\\-][^\s@~^:?*\[\\]*)$", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Remote();

    [GeneratedRegex(@"^docker://[a-z0-9][A-Za-z0-9._/:@-]*$", RegexOptions.None, 1_000)]
    private static partial Regex Image();
}
