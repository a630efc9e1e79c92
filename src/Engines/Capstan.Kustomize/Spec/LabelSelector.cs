using System.Globalization;

namespace Capstan.Kustomize.Spec;

/// <summary>A selector of labels or annotations: <c>a=b, c in (d, e), !f, g&gt;1</c>.</summary>
internal sealed class LabelSelector
{
    private readonly List<(string Key, string Op, string[] Values)> _requirements = [];

    /// <exception cref="KustomizeException">The text is no selector.</exception>
    public static LabelSelector Parse(string text)
    {
        var selector = new LabelSelector();
        var at = 0;
        if (Token(text, ref at, peek: true).Length == 0)
        {
            return selector;
        }

        while (true)
        {
            selector._requirements.Add(Requirement(text, ref at));
            switch (Token(text, ref at))
            {
                case "":
                    return selector;
                case ",":
                    break;
                case var other:
                    throw Malformed(text, $"found '{other}', expected: ',' or 'end of string'");
            }
        }
    }

    public bool Matches(IEnumerable<KeyValuePair<string, string>> entries)
    {
        if (_requirements.Count == 0)
        {
            return true;
        }

        var map = new Dictionary<string, string>(entries, StringComparer.Ordinal);
        return _requirements.TrueForAll(r => Holds(r, map));
    }

    private static bool Holds((string Key, string Op, string[] Values) requirement, Dictionary<string, string> map)
    {
        var has = map.TryGetValue(requirement.Key, out var value);
        return requirement.Op switch
        {
            "exists" => has,
            "!" => !has,
            "in" or "=" or "==" => has && requirement.Values.Contains(value),
            "notin" or "!=" => !has || !requirement.Values.Contains(value),
            _ => has && long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                && long.Parse(requirement.Values[0], CultureInfo.InvariantCulture) is var limit && (requirement.Op == ">" ? number > limit : number < limit),
        };
    }

    private static (string, string, string[]) Requirement(string text, ref int at)
    {
        var key = Token(text, ref at);
        if (key == "!")
        {
            return (Identifier(text, Token(text, ref at)), "!", []);
        }

        Identifier(text, key);
        switch (Token(text, ref at, peek: true))
        {
            case "" or ",":
                return (key, "exists", []);
            case "in" or "notin":
                return (key, Token(text, ref at), Values(text, ref at));
            case "=" or "==" or "!=":
                var op = Token(text, ref at);
                return (key, op, Token(text, ref at, peek: true) is "" or "," ? [""] : [Token(text, ref at)]);
            case ">" or "<":
                var compare = Token(text, ref at);
                var limit = Token(text, ref at);
                return long.TryParse(limit, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
                    ? (key, compare, [limit])
                    : throw Malformed(text, "for 'Gt', 'Lt' operators, the value must be an integer");
            case var other:
                throw Malformed(text, $"found '{other}', expected: '=', '!=', '==', 'in', notin'");
        }
    }

    private static string[] Values(string text, ref int at)
    {
        if (Token(text, ref at) is var open and not "(")
        {
            throw Malformed(text, $"found '{open}' expected: '('");
        }

        var values = new List<string>();
        while (true)
        {
            var token = Token(text, ref at);
            if (token is "," or ")")
            {
                values.Add("");
            }
            else
            {
                values.Add(Identifier(text, token));
                token = Token(text, ref at);
            }

            if (token == ")")
            {
                return [.. values];
            }

            if (token != ",")
            {
                throw Malformed(text, $"found '{token}', expected: ',', or ')'");
            }
        }
    }

    private static string Identifier(string text, string token) =>
        token.Length == 0 || "!=<>(),".Contains(token[0], StringComparison.Ordinal) ? throw Malformed(text, $"found '{token}', expected: identifier") : token;

    private static string Token(string text, ref int at, bool peek = false)
    {
        var start = at;
        while (start < text.Length && char.IsWhiteSpace(text[start]))
        {
            start++;
        }

        var end = start;
        if (start < text.Length && "!=<>(),".Contains(text[start], StringComparison.Ordinal))
        {
            end = start + (text[start] is '=' or '!' && start + 1 < text.Length && text[start + 1] == '=' ? 2 : 1);
        }
        else
        {
            while (end < text.Length && !char.IsWhiteSpace(text[end]) && !"!=<>(),".Contains(text[end], StringComparison.Ordinal))
            {
                end++;
            }
        }

        if (!peek)
        {
            at = end;
        }

        return text[start..end];
    }

    private static KustomizeException Malformed(string text, string why) => new($"unable to parse the selector \"{text}\": {why}");
}
