using System.Globalization;
using Capstan.Yaml;

namespace Capstan.Server.Notifications;

/// <summary>The condition of a trigger, in the part of the language of Argo CD notifications (expr-lang) that its catalogue is written in: paths with <c>.</c>,
/// <c>?.</c> and <c>[…]</c>, texts, numbers, lists, <c>== != in contains startsWith endsWith and or not</c>. A field that is not there is nil.</summary>
internal sealed class TriggerExpression
{
    private const int LongestText = 4000;
    private const int MostDepth = 50;
    private readonly Func<YamlMap, object?> _run;

    private TriggerExpression(string text, Func<YamlMap, object?> run) => (Text, _run) = (text, run);

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <exception cref="FormatException">It cannot be read; the message says where.</exception>
    public static TriggerExpression Parse(string text)
    {
        if (text.Length > LongestText) throw new FormatException($"the condition is longer than {LongestText} characters");
        var parser = new Parser(text);
        return new TriggerExpression(text, parser.ReadAll());
    }

    /// <summary>Whether it holds.</summary>
    /// <param name="root">What its paths begin at, such as <c>app</c>.</param>
    public bool Holds(YamlMap root) => IsTrue(_run(root));

    /// <summary>Its value as a text, for <c>oncePer</c>; empty for nil.</summary>
    public string TextOf(YamlMap root) => _run(root) switch
    {
        null => "",
        string text => text,
        bool flag => flag ? "true" : "false",
        double number => number.ToString(CultureInfo.InvariantCulture),
        YamlNode node => JsonText.Write(node),
        _ => "",
    };

    private static bool IsTrue(object? value) => value is true;

    private static bool Same(object? a, object? b) => a is null || b is null ? a is null && b is null : a.Equals(b);

    private static bool IsIn(object? value, object? list) => list switch
    {
        YamlList items => items.Any(i => Same(Plain(i), value)),
        IReadOnlyList<object?> items => items.Any(i => Same(i, value)),
        YamlMap map => value is string key && map.ContainsKey(key),
        _ => false,
    };

    private static object? Plain(YamlNode? node) => node switch
    {
        null => null,
        YamlScalar { IsNull: true } => null,
        YamlScalar { Kind: ScalarKind.Boolean } flag => flag.Text == "true",
        YamlScalar { IsNumber: true } number => number.AsDouble(),
        YamlScalar text => text.Text,
        _ => node,
    };

    private sealed class Parser(string text)
    {
        private int _at;
        private int _depth;

        public Func<YamlMap, object?> ReadAll()
        {
            var all = Or();
            Blank();
            return _at == text.Length ? all : throw Wrong("is not understood here");
        }

        private Func<YamlMap, object?> Or()
        {
            if (++_depth > MostDepth) throw Wrong("is nested too deeply");
            var left = And();
            while (Word("or") || Sign("||"))
            {
                var (a, b) = (left, And());
                left = root => IsTrue(a(root)) || IsTrue(b(root));
            }
            _depth--;
            return left;
        }

        private Func<YamlMap, object?> And()
        {
            var left = Not();
            while (Word("and") || Sign("&&"))
            {
                var (a, b) = (left, Not());
                left = root => IsTrue(a(root)) && IsTrue(b(root));
            }
            return left;
        }

        private Func<YamlMap, object?> Not()
        {
            if (++_depth > MostDepth) throw Wrong("is nested too deeply");
            Blank();
            var negated = Word("not") || (!(_at + 1 < text.Length && text[_at + 1] == '=') && Sign("!"));
            var inner = negated ? Not() : Comparison();
            _depth--;
            return negated ? root => !IsTrue(inner(root)) : inner;
        }

        private Func<YamlMap, object?> Comparison()
        {
            var a = Value();
            if (Sign("==")) { var b = Value(); return root => Same(a(root), b(root)); }
            if (Sign("!=")) { var b = Value(); return root => !Same(a(root), b(root)); }
            if (Word("in")) { var b = Value(); return root => IsIn(a(root), b(root)); }
            if (Word("contains")) { var b = Value(); return root => a(root) is string text && b(root) is string part && text.Contains(part, StringComparison.Ordinal); }
            if (Word("startsWith")) { var b = Value(); return root => a(root) is string text && b(root) is string part && text.StartsWith(part, StringComparison.Ordinal); }
            if (Word("endsWith")) { var b = Value(); return root => a(root) is string text && b(root) is string part && text.EndsWith(part, StringComparison.Ordinal); }
            var before = _at;
            if (Word("not"))
            {
                if (Word("in")) { var b = Value(); return root => !IsIn(a(root), b(root)); }
                _at = before;
            }
            return a;
        }

        private Func<YamlMap, object?> Value()
        {
            Blank();
            if (_at == text.Length) throw Wrong("ends too early");
            if (Sign("("))
            {
                var inner = Or();
                return Sign(")") ? inner : throw Wrong("misses a )");
            }
            if (Sign("[")) return List();
            if (text[_at] is '\'' or '"' or '`') { var literal = Quoted(); return _ => literal; }
            if (char.IsAsciiDigit(text[_at]) || text[_at] == '-') { var number = Number(); return _ => number; }
            var name = Name();
            return name switch
            {
                "true" => _ => true,
                "false" => _ => false,
                "nil" or "null" => _ => null,
                _ => Path(name),
            };
        }

        private Func<YamlMap, object?> List()
        {
            var items = new List<Func<YamlMap, object?>>();
            while (!Sign("]"))
            {
                if (items.Count > 0 && !Sign(",")) throw Wrong("misses a , or a ]");
                items.Add(Value());
            }
            return root => items.Select(i => i(root)).ToArray();
        }

        private Func<YamlMap, object?> Path(string first)
        {
            var steps = new List<string> { first };
            while (_at < text.Length)
            {
                if (text[_at] == '(') throw Wrong($"calls a function; {string.Join('.', steps)}() is none that is known here");
                if (text[_at] == '[')
                {
                    _at++;
                    Blank();
                    steps.Add(text.Length > _at && text[_at] is '\'' or '"' ? Quoted() : Number().ToString(CultureInfo.InvariantCulture));
                    if (!Sign("]")) throw Wrong("misses a ]");
                    continue;
                }
                if (text[_at] == '.') _at++;
                else if (text[_at] == '?' && _at + 1 < text.Length && text[_at + 1] == '.') _at += 2;
                else break;
                steps.Add(Name());
            }
            return root => Find(root, steps);
        }

        private static object? Find(YamlMap root, List<string> steps)
        {
            YamlNode? at = root;
            foreach (var step in steps)
            {
                at = at switch
                {
                    YamlMap map => map[step],
                    YamlList list when int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < list.Count => list[index],
                    _ => null,
                };
            }
            return Plain(at);
        }

        private string Name()
        {
            var start = _at;
            while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] == '_')) _at++;
            return _at > start ? text[start.._at] : throw Wrong("is not understood here");
        }

        private string Quoted()
        {
            var (quote, start) = (text[_at], ++_at);
            while (_at < text.Length && text[_at] != quote) _at++;
            if (_at == text.Length) throw Wrong("is a text without an end");
            return text[start.._at++];
        }

        private double Number()
        {
            var start = _at;
            while (_at < text.Length && (char.IsAsciiDigit(text[_at]) || text[_at] is '.' or '-')) _at++;
            return double.TryParse(text.AsSpan(start, _at - start), CultureInfo.InvariantCulture, out var number) ? number : throw Wrong("is no number");
        }

        private bool Word(string word)
        {
            Blank();
            var end = _at + word.Length;
            if (end > text.Length || !text.AsSpan(_at, word.Length).SequenceEqual(word) || (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '_' or '.'))) return false;
            _at = end;
            return true;
        }

        private bool Sign(string sign)
        {
            Blank();
            if (string.CompareOrdinal(text, _at, sign, 0, sign.Length) != 0) return false;
            _at += sign.Length;
            return true;
        }

        private void Blank()
        {
            while (_at < text.Length && char.IsWhiteSpace(text[_at])) _at++;
        }

        private FormatException Wrong(string why) => new($"1:{_at + 1}: {(_at < text.Length ? $"\"{text[_at..Math.Min(text.Length, _at + 20)]}\"" : "the condition")} {why}");
    }
}
