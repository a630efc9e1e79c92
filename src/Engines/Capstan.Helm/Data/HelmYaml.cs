using Capstan.GoTemplates;
using Capstan.Yaml;

namespace Capstan.Helm.Data;

/// <summary>YAML as sigs.k8s.io/yaml reads it: the first document, the last of equal keys wins, errors in its words.</summary>
internal static class HelmYaml
{
    /// <summary>What Helm accepts: more bytes than a repository's file may have, since charts make files themselves.</summary>
    public static readonly ReadLimits Limits = ReadLimits.Default with { MaxBytes = 100_000_000, DuplicateKeys = DuplicateKeys.LastWins };

    /// <summary>The first document.</summary>
    /// <exception cref="HelmYamlException">The text is no YAML; the message is the one that Helm shows.</exception>
    public static YamlNode Read(string text)
    {
        if (!GoText.IsAscii(text))
        {
            return Read(GoText.ToBytes(text));
        }

        try
        {
            return YamlText.ReadAll(text, Limits) is [var first, ..] ? first : YamlScalar.Null;
        }
        catch (YamlException error)
        {
            throw new HelmYamlException(error, text);
        }
    }

    /// <summary>The first document.</summary>
    /// <exception cref="HelmYamlException">The text is no YAML; the message is the one that Helm shows.</exception>
    public static YamlNode Read(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return YamlText.ReadAll(utf8, Limits) is [var first, ..] ? first : YamlScalar.Null;
        }
        catch (YamlException error)
        {
            throw new HelmYamlException(error, GoText.FromBytes(utf8));
        }
    }
}

/// <summary>YAML that Helm would not read either.</summary>
internal sealed class HelmYamlException(YamlException error, string text) : GoException(Words(error, text), error)
{
    // What the scanner says stands as it is; the parser counts lines from 0, and so Go shows one less.
    private static readonly (string Sign, bool FromParser)[] Known =
    [
        ("could not find expected ':'", false),
        ("mapping values are not allowed in this context", false),
        ("invalid mapping", false),
        ("found character that cannot start any token", false),
        ("block sequence entries are not allowed in this context", false),
        ("found unexpected end of stream", false),
        ("found unknown escape character", false),
        ("did not find expected hexdecimal number", false),
        ("did not find expected alphabetic or numeric character", false),
        ("did not find expected key", true),
        ("did not find expected '-' indicator", true),
        ("did not find expected ',' or ']'", true),
        ("did not find expected ',' or '}'", true),
        ("did not find expected node content", true),
        ("did not find expected <document start>", true),
    ];

    private static string Words(YamlException error, string text)
    {
        var said = error.InnerException?.Message ?? "";
        if (error.Problem.StartsWith("a map cannot be a key", StringComparison.Ordinal) && error.Position.IsKnown)
        {
            return MapAsKey(error, text);
        }

        foreach (var (sign, fromParser) in Known)
        {
            if (!said.Contains(sign, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            var line = error.Position.Line - (fromParser ? 1 : 0);
            if (sign.StartsWith("could not find", StringComparison.Ordinal))
            {
                line = NextToken(text, error.Position.Line);
            }

            // A place on the first line is not told.
            var shown = sign == "invalid mapping" ? "mapping values are not allowed in this context" : sign;
            return $"error converting YAML to JSON: yaml: {(line > (fromParser ? 0 : 1) ? $"line {line}: " : "")}{shown}";
        }

        var where = error.Position.IsKnown ? $"line {error.Position.Line}: " : "";
        return $"error converting YAML to JSON: yaml: {where}{error.Problem}";
    }

    // Mostly a {{ … }} that was not expanded. What follows it is found by Go's parser before the key is looked at.
    private static string MapAsKey(YamlException error, string text)
    {
        var line = text.Split('\n').ElementAtOrDefault(error.Position.Line - 1) ?? "";
        var end = line.IndexOf("}}", StringComparison.Ordinal);
        var rest = end < 0 ? "" : line[(end + 2)..].Trim();
        if (rest.Length > 0 && rest[0] != '#')
        {
            var shown = error.Position.Line > 1 ? $"line {error.Position.Line - 1}: " : "";
            return $"error converting YAML to JSON: yaml: {shown}did not find expected key";
        }

        var start = line.IndexOf("{{", StringComparison.Ordinal);
        var key = start < 0 || end < start ? "" : line[(start + 2)..end].Trim();
        return $"error converting YAML to JSON: yaml: invalid map key: map[interface {{}}]interface {{}}{{{GoQuote.Quote(key)}:interface {{}}(nil)}}";
    }

    // The line of the token behind a line, or the one behind the last.
    private static int NextToken(string text, int line)
    {
        var lines = text.TrimEnd('\n').Split('\n');
        for (var i = line; i < lines.Length; i++)
        {
            var trimmed = lines[i].AsSpan().Trim();
            if (!trimmed.IsEmpty && trimmed[0] != '#')
            {
                return i + 1;
            }
        }

        return lines.Length + 1;
    }
}
