namespace Capstan.Yaml;

/// <summary>What the scanner found wrong, in words that name the cause that people meet.</summary>
internal static class ScannerWords
{
    /// <summary>For what the scanner has no words of its own.</summary>
    public const string Unforeseen =
        "this cannot be read as YAML (text in { } or [ ] must be indented more than the key it belongs to, and escapes must be characters)";

    // Each by a part of the scanner's own words. What most often causes it is said with it.
    private static readonly (string Sign, string Words)[] Known =
    [
        ("invalid mapping", "a second \": \" is not allowed here; put the value in quotes, or mind the indentation of this line and the one before"),
        ("mapping values are not allowed", "\": \" is not allowed here; put the value in quotes, or mind the indentation"),
        ("cannot start any token", "no value can begin with this character (a tab, @, ` or %); put the value in quotes, and indent with blanks"),
        ("quoted scalar, found unexpected end", "the quotes that open here are never closed"),
        ("could not find expected ':'", "a \":\" is missing after this key"),
        ("did not find expected key", "a key is expected here; mind the indentation of this line and the ones before"),
        ("did not find expected '-' indicator", "a list's item (\"- \") is expected here; mind the indentation of this line and the ones before"),
    ];

    /// <summary>The reason without a position.</summary>
    public static string Reason(Exception error)
    {
        foreach (var (sign, words) in Known)
        {
            if (error.Message.Contains(sign, StringComparison.OrdinalIgnoreCase))
            {
                return words;
            }
        }

        var text = error.Message.TrimEnd('.', ' ');
        return text.Length == 0 ? "this is no YAML" : char.ToLowerInvariant(text[0]) + text[1..];
    }
}
