namespace Capstan.Workflows.Linting.Rules;

/// <summary>Lists in sentences.</summary>
internal static class Words
{
    /// <summary><c>a, b, c</c>, or <c>none</c>.</summary>
    public static string List(IEnumerable<string> words) => string.Join(", ", words.Order(StringComparer.Ordinal)) is { Length: > 0 } text ? text : "none";
}
