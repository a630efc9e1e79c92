namespace Capstan.Yaml;

/// <summary>What the scanner found wrong, in words that name the cause that people meet.</summary>
internal static class ScannerWords
{
    public static string Reason(Exception error)
    {
        var text = error.Message.TrimEnd('.', ' ');
        return text.Length == 0 ? "this is no YAML" : char.ToLowerInvariant(text[0]) + text[1..];
    }
}
