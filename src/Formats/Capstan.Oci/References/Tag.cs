using System.Diagnostics.CodeAnalysis;

namespace Capstan.Oci.References;

/// <summary>A tag: up to 128 letters, digits, dots, dashes and underscores, not beginning with a dot or a dash.</summary>
public sealed record Tag
{
    /// <summary>What is meant where no tag is written.</summary>
    public static readonly Tag Latest = new("latest");

    private const int MaxLength = 128;

    private Tag(string text) => Text = text;

    /// <summary>The tag as it is written.</summary>
    public string Text { get; }

    /// <summary>Reads a tag.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Tag? tag)
    {
        tag = text is { Length: > 0 and <= MaxLength } && IsWord(text[0]) && text.All(c => IsWord(c) || c is '.' or '-') ? new Tag(text) : null;
        return tag is not null;
    }

    /// <summary>Reads a tag.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static Tag Parse(string text) => TryParse(text, out var tag) ? tag
        : throw new FormatException($"\"{text}\" is no tag: up to {MaxLength} letters, digits, dots, dashes and underscores, the first neither a dot nor a dash");

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';
}
