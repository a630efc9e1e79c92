namespace Capstan.OciClient.Auth;

/// <summary>One challenge of a WWW-Authenticate header (RFC 9110, section 11.6.1).</summary>
/// <param name="Scheme">In lower case.</param>
/// <param name="Parameters">By name in lower case.</param>
internal sealed record Challenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    private const int LongestHeader = 8192;

    /// <summary>Reads the challenges of a header as far as they can be read.</summary>
    public static IReadOnlyList<Challenge> Read(string header)
    {
        var found = new List<Challenge>();
        if (header.Length > LongestHeader) return found;
        var at = 0;
        while (at < header.Length)
        {
            Skip(header, ref at, " \t,");
            var scheme = Word(header, ref at);
            if (scheme.Length == 0) break;
            found.Add(new Challenge(scheme.ToLowerInvariant(), ReadParameters(header, ref at)));
        }

        return found;
    }

    private static Dictionary<string, string> ReadParameters(string header, ref int at)
    {
        var parameters = new Dictionary<string, string>();
        while (true)
        {
            var start = at;
            Skip(header, ref at, " \t,");
            var name = Word(header, ref at);
            Skip(header, ref at, " \t");
            if (name.Length == 0 || at >= header.Length || header[at] != '=')
            {
                // The next word is another scheme.
                at = start;
                if (at < header.Length && name.Length == 0) at = header.Length;
                return parameters;
            }

            at++;
            Skip(header, ref at, " \t");
            parameters[name.ToLowerInvariant()] = at < header.Length && header[at] == '"' ? Quoted(header, ref at) : Word(header, ref at);
        }
    }

    private static string Quoted(string header, ref int at)
    {
        var text = new System.Text.StringBuilder();
        for (at++; at < header.Length && header[at] != '"'; at++)
        {
            if (header[at] == '\\' && at + 1 < header.Length) at++;
            text.Append(header[at]);
        }

        if (at < header.Length) at++;
        return text.ToString();
    }

    private static string Word(string header, ref int at)
    {
        var start = at;
        while (at < header.Length && !" \t,=\"".Contains(header[at], StringComparison.Ordinal)) at++;
        return header[start..at];
    }

    private static void Skip(string header, ref int at, string what)
    {
        while (at < header.Length && what.Contains(header[at], StringComparison.Ordinal)) at++;
    }
}
