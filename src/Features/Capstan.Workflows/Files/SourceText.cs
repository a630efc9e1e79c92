using Capstan.Yaml;

namespace Capstan.Workflows.Files;

/// <summary>The lines of a file, to tell where inside a scalar something stands.</summary>
internal sealed class SourceText(string text)
{
    private readonly string[] _lines = text.Split('\n');

    /// <summary>Where a part of a scalar begins.</summary>
    /// <param name="scalar">The scalar.</param>
    /// <param name="value">Its text.</param>
    /// <param name="offset">Where in the text the part begins.</param>
    public Position Locate(YamlScalar scalar, string value, int offset)
    {
        if (!scalar.Position.IsKnown) return scalar.Position;
        var before = value.AsSpan(0, Math.Clamp(offset, 0, value.Length));
        var line = scalar.Position.Line;
        if (scalar.Style == ScalarStyle.Literal) line += 1 + before.Count('\n');
        if (line > _lines.Length) return scalar.Position;

        // The same characters are looked for in the line as written: indentation and escapes have changed their column, not their order.
        var lineStart = before.LastIndexOf('\n') + 1;
        var nth = Math.Max(0, Occurrences(before[lineStart..], "${{") - (before.EndsWith("${{", StringComparison.Ordinal) ? 1 : 0));
        var lineText = _lines[line - 1];
        var from = scalar.Style == ScalarStyle.Literal ? 0 : Math.Min(scalar.Position.Column - 1, lineText.Length);
        var inLine = value.AsSpan(lineStart);
        var end = inLine.IndexOf('\n');
        if (end >= 0) inLine = inLine[..end];
        var column = offset - lineStart;
        if (scalar.Style == ScalarStyle.Folded) return scalar.Position;
        var written = lineText.IndexOf(inLine.ToString(), from, StringComparison.Ordinal);
        if (written >= 0) return new Position(line, written + column + 1);
        var at = NthIndex(lineText, "${{", from, nth);
        return at < 0 ? scalar.Position : new Position(line, at + 1);
    }

    private static int Occurrences(ReadOnlySpan<char> text, string part) => text.Count(part);

    private static int NthIndex(string text, string part, int from, int nth)
    {
        var at = text.IndexOf(part, from, StringComparison.Ordinal);
        for (; nth > 0 && at >= 0; nth--) at = text.IndexOf(part, at + part.Length, StringComparison.Ordinal);
        return at;
    }
}
