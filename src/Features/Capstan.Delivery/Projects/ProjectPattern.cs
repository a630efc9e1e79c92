using System.Diagnostics.CodeAnalysis;
using Capstan.Delivery.Rendering;

namespace Capstan.Delivery.Projects;

/// <summary>One entry of a project's list: a glob, or with <c>!</c> in front the refusal of what a glob matches.</summary>
/// <param name="Text">As written.</param>
/// <param name="Refuses">Whether it refuses.</param>
internal sealed record ProjectPattern(string Text, bool Refuses)
{
    private Glob? _glob;

    public bool Matches(string value) => _glob is { } glob ? glob.Matches(value) : Text == "*" || Text == value;

    public static bool TryParse(string text, [NotNullWhen(true)] out ProjectPattern? pattern, out string problem)
    {
        var refuses = text.StartsWith('!');
        var glob = refuses ? text[1..] : text;
        pattern = null;
        if (refuses && glob == "*")
        {
            problem = "\"!*\" refuses everything";
            return false;
        }

        if (!Glob.TryParse(glob, out var read, out var wrong))
        {
            problem = $"\"{text}\" is no glob: {wrong}";
            return false;
        }

        problem = "";
        pattern = new ProjectPattern(glob, refuses) { _glob = read };
        return true;
    }

    /// <summary>Whether a list permits a value: one entry lets it in, and none refuses it (Argo CD, user-guide/projects.md).</summary>
    public static bool Permit(IReadOnlyList<ProjectPattern> list, string value) =>
        list.Any(p => !p.Refuses && p.Matches(value)) && !list.Any(p => p.Refuses && p.Matches(value));
}
