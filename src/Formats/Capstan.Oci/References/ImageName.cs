using System.Diagnostics.CodeAnalysis;

namespace Capstan.Oci.References;

/// <summary>
/// The name of a repository within a registry, such as <c>team/shop</c> (distribution-spec, "Pulling manifests"): parts of lower-case letters and
/// digits, joined inside by one dot, one or two underscores or any dashes. So no part is <c>..</c>, empty, or begins with what a folder of ours begins with.
/// </summary>
public sealed record ImageName
{
    /// <summary>The most characters that a name has, as Docker's registry allows.</summary>
    public const int MaxLength = 255;

    private ImageName(string text) => Text = text;

    /// <summary>The name as it is written.</summary>
    public string Text { get; }

    /// <summary>Reads a name.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ImageName? name)
    {
        name = text is { Length: > 0 and <= MaxLength } && text.Split('/').All(IsPart) ? new ImageName(text) : null;
        return name is not null;
    }

    /// <summary>Reads a name.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static ImageName Parse(string text) => TryParse(text, out var name) ? name : throw new FormatException(WhyNot(text));

    /// <summary>The sentence that says why a text is no name.</summary>
    public static string WhyNot(string text) => text.Length > MaxLength
        ? $"a repository's name has at most {MaxLength} characters, this one {text.Length}"
        : $"\"{text}\" is no repository's name: lower-case letters and digits, joined by . _ __ or dashes, parts separated by /";

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static bool IsPart(string part)
    {
        var at = 0;
        while (true)
        {
            var start = at;
            while (at < part.Length && IsLetter(part[at])) at++;
            if (at == start) return false;
            if (at == part.Length) return true;
            var joint = at;
            while (at < part.Length && !IsLetter(part[at])) at++;
            if (!IsJoint(part.AsSpan(joint, at - joint))) return false;
        }
    }

    private static bool IsLetter(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c);

    private static bool IsJoint(ReadOnlySpan<char> joint) => joint is "." or "_" or "__" || !joint.ContainsAnyExcept('-');
}
