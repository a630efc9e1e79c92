namespace Capstan.Helm.Rendering;

/// <summary>Cuts a file into its documents: at every line that begins with <c>---</c>, whatever follows.</summary>
internal static class ManifestSplitter
{
    /// <summary>The documents, trimmed; empty ones are left out but for those of spaces between two separators.</summary>
    public static List<string> Split(string text)
    {
        var trimmed = text.AsSpan().Trim(Spaces);
        var documents = new List<string>();
        var start = 0;
        var at = trimmed.StartsWith("---") ? 0 : Next(trimmed, 0);
        while (at >= 0)
        {
            // The separator takes the white space on both sides with it.
            var from = at == 0 ? 0 : at;
            while (from > start && IsSpace(trimmed[from - 1]))
            {
                from--;
            }

            Add(documents, trimmed[start..from]);
            start = at + 3;
            while (start < trimmed.Length && IsSpace(trimmed[start]))
            {
                start++;
            }

            at = Next(trimmed, start);
        }

        Add(documents, trimmed[start..]);
        return documents;
    }

    private const string Spaces = " \t\n\v\f\r\u0085\u00A0";

    private static bool IsSpace(char c) => c is ' ' or '\t' or '\n' or '\f' or '\r';

    private static int Next(ReadOnlySpan<char> text, int start)
    {
        var found = text[start..].IndexOf("\n---");
        return found < 0 ? -1 : start + found + 1;
    }

    private static void Add(List<string> documents, ReadOnlySpan<char> document)
    {
        if (!document.IsEmpty)
        {
            documents.Add(document.Trim(Spaces).ToString());
        }
    }
}
