using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>JSON pointers (RFC 6901): <c>/metadata/annotations/example.com~1key</c>.</summary>
public static class JsonPointer
{
    /// <summary>Takes a pointer apart into its unescaped tokens. The empty pointer, which names the whole document, has none.</summary>
    /// <exception cref="FormatException">The pointer does not begin with a slash.</exception>
    public static string[] Parse(string pointer)
    {
        if (pointer.Length == 0)
        {
            return [];
        }

        if (pointer[0] != '/')
        {
            throw new FormatException($"\"{pointer}\" is no JSON pointer: it must begin with a slash");
        }

        var tokens = pointer[1..].Split('/');
        for (var i = 0; i < tokens.Length; i++)
        {
            tokens[i] = tokens[i].Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
        }

        return tokens;
    }

    /// <summary>Writes tokens as a pointer.</summary>
    public static string Format(IEnumerable<string> tokens) =>
        string.Concat(tokens.Select(t => "/" + t.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)));

    /// <summary>The node that a pointer names, or null when there is none.</summary>
    public static YamlNode? Find(YamlNode document, string pointer)
    {
        YamlNode? node = document;
        foreach (var token in Parse(pointer))
        {
            node = node switch
            {
                YamlMap map => map[token],
                YamlList list when TryIndex(token, out var index) && index < list.Count => list[index],
                _ => null,
            };
        }

        return node;
    }

    /// <summary>Reads an index without sign or leading zeros.</summary>
    internal static bool TryIndex(string token, out int index)
    {
        index = 0;
        return token.Length > 0 && token.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0 && (token[0] != '0' || token.Length == 1)
            && int.TryParse(token, out index);
    }
}
