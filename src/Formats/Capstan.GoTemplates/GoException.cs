namespace Capstan.GoTemplates;

/// <summary>What a function of a template answers instead of a value. The inner exception is the error that it wraps.</summary>
public class GoException : Exception
{
    /// <summary>Makes an error.</summary>
    public GoException(string message, Exception? wrapped = null)
        : base(message, wrapped)
    {
    }
}

/// <summary>A template that cannot be parsed or executed, in Go's words.</summary>
/// <param name="message">The whole text, which begins with <c>template: NAME:LINE</c>.</param>
/// <param name="wrapped">The error that stopped it, when it came from a function.</param>
/// <param name="place">Where it happened.</param>
public sealed class TemplateException(string message, Exception? wrapped = null, TemplatePlace? place = null) : GoException(message, wrapped)
{
    /// <summary>Where it happened; null when there is no place to show.</summary>
    public TemplatePlace? Place { get; } = place;
}

/// <summary>A place in a template's text.</summary>
/// <param name="Template">The name under which the text was added.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Bytes before the place on its line.</param>
/// <param name="SourceLine">The line as it was written.</param>
/// <param name="Expression">The part of the template that was being evaluated; empty for a syntax error.</param>
public sealed record TemplatePlace(string Template, int Line, int Column, string SourceLine, string Expression);

/// <summary>A rendering that went over one of its limits and was stopped.</summary>
public sealed class TemplateLimitException(string message) : Exception(message);
