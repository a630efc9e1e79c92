using System.Text;

namespace Capstan.Expressions;

/// <summary>A text with expressions in it: <c>a ${{ b }} c</c>.</summary>
public sealed class TemplateText
{
    private TemplateText(string text, IReadOnlyList<TemplateSegment> segments) => (Text, Segments) = (text, segments);

    /// <summary>The text as written.</summary>
    public string Text { get; }

    /// <summary>Its parts in order.</summary>
    public IReadOnlyList<TemplateSegment> Segments { get; }

    /// <summary>Whether there is no expression in it.</summary>
    public bool IsPlain => Segments.All(s => s.Expression is null);

    /// <summary>The expressions in it.</summary>
    public IEnumerable<TemplateSegment> Expressions => Segments.Where(s => s.Expression is not null);

    /// <summary>Whether a text may hold an expression.</summary>
    public static bool HasExpression(string text) => text.Contains("${{", StringComparison.Ordinal);

    /// <summary>Parses a text.</summary>
    /// <exception cref="ExpressionException">An expression is not closed or not valid; the offset is one in <paramref name="text"/>.</exception>
    public static TemplateText Parse(string text, ExpressionLanguage language)
    {
        var wrong = new List<ExpressionException>();
        return TryParse(text, language, wrong) ?? throw wrong[0];
    }

    /// <summary>Parses a text and tells all that is wrong with it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="language">What its expressions may use.</param>
    /// <param name="wrong">Gets an error for each expression that is not valid; the offsets are those in <paramref name="text"/>.</param>
    /// <returns>Null when something is wrong.</returns>
    public static TemplateText? TryParse(string text, ExpressionLanguage language, ICollection<ExpressionException> wrong)
    {
        var segments = new List<TemplateSegment>();
        var good = true;
        for (var at = 0; at < text.Length;)
        {
            var open = text.IndexOf("${{", at, StringComparison.Ordinal);
            if (open != at) segments.Add(new TemplateSegment(text[at..(open < 0 ? text.Length : open)], null, at));
            if (open < 0) break;
            var close = Close(text, open + 3);
            if (close < 0)
            {
                wrong.Add(new ExpressionException("The expression is not closed. An unescaped ${{ sequence was found, but the closing }} sequence was not found.", text, open));
                return null;
            }

            try
            {
                segments.Add(new TemplateSegment(text[open..(close + 2)], ParseInside(text, open + 3, close, language), open));
            }
            catch (ExpressionException mistake)
            {
                wrong.Add(mistake);
                good = false;
            }

            at = close + 2;
        }

        return good ? new TemplateText(text, segments) : null;
    }

    /// <summary>Its value: that of the expression where it is nothing else, otherwise a text.</summary>
    /// <exception cref="ExpressionException">An expression fails.</exception>
    public ExpressionValue Evaluate(EvaluationContext context)
    {
        if (Segments is [{ Expression: { } only }]) return only.Evaluate(context);
        var made = new StringBuilder();
        foreach (var segment in Segments)
        {
            made.Append(segment.Expression is { } expression ? expression.Evaluate(context).Text : segment.Text);
            if (made.Length > context.MaxCharacters) throw new ExpressionException($"The maximum allowed memory size was exceeded ({context.MaxCharacters:N0} characters)", Text);
        }

        return ExpressionValue.Of(made.ToString());
    }

    private static Expression ParseInside(string text, int start, int end, ExpressionLanguage language)
    {
        var inside = text[start..end];
        var blank = inside.Length - inside.TrimStart().Length;
        try
        {
            return language.Parse(inside.Trim());
        }
        catch (ExpressionException wrong)
        {
            throw new ExpressionException(wrong.Problem, text, start + blank + Math.Max(0, wrong.Offset), wrong);
        }
    }

    // The end that stands in no quoted text.
    private static int Close(string text, int start)
    {
        var quoted = false;
        for (var i = start; i < text.Length; i++)
        {
            if (text[i] == '\'') quoted = !quoted;
            else if (!quoted && text[i] == '}' && i + 1 < text.Length && text[i + 1] == '}') return i;
        }

        return -1;
    }
}

/// <summary>A part of a text with expressions.</summary>
/// <param name="Text">The part as written, with <c>${{ }}</c> where it is an expression.</param>
/// <param name="Expression">The expression, or null for plain text.</param>
/// <param name="Offset">Where it begins in the whole, from 0.</param>
public sealed record TemplateSegment(string Text, Expression? Expression, int Offset);
