using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Capstan.Kustomize;

/// <summary>
/// Replaces <c>${NAME}</c> in a text, with the functions of bash that Flux knows (fluxcd/pkg's envsubst): <c>${V:-default}</c>, <c>${V:=default}</c>,
/// <c>${V=default}</c>, <c>${V:position}</c>, <c>${V:position:length}</c>, <c>${#V}</c>, <c>${V^}</c>, <c>${V^^}</c>, <c>${V,}</c>, <c>${V,,}</c>, <c>${V#glob}</c>,
/// <c>${V##glob}</c>, <c>${V%glob}</c>, <c>${V%%glob}</c>, <c>${V/a/b}</c>, <c>${V//a/b}</c>, <c>${V/#a/b}</c>, <c>${V/%a/b}</c>. <c>$V</c> stays, and <c>$${V}</c>
/// becomes <c>${V}</c>. As there, a default counts for an empty variable too, and positions count bytes.
/// </summary>
public static class VariableText
{
    private const int LongestResult = 32 * 1024 * 1024;

    /// <summary>Replaces the variables of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="valueOf">The value of a variable; null when it is not set.</param>
    /// <param name="strict">Whether a variable that is not set, and has no default, is an error.</param>
    /// <exception cref="KustomizeException">An expression is malformed, a variable is missing, or the result is too long.</exception>
    public static string Replace(string text, Func<string, string?> valueOf, bool strict = false) => new Reader(text, valueOf, strict).All();

    private sealed class Reader(string text, Func<string, string?> valueOf, bool strict)
    {
        private int _at;

        private char Next => _at < text.Length ? text[_at] : '\0';

        public string All()
        {
            var result = new StringBuilder(text.Length);
            while (_at < text.Length)
            {
                if (Take("$${"))
                {
                    result.Append("${");
                }
                else if (Take("${"))
                {
                    result.Append(Expression());
                }
                else
                {
                    result.Append(text[_at++]);
                }

                if (result.Length > LongestResult)
                {
                    throw new KustomizeException($"the text becomes longer than {LongestResult:N0} characters", kind: KustomizeProblem.TooLarge);
                }
            }

            return result.ToString();
        }

        // What stands behind "${", up to and with its "}".
        private string Expression()
        {
            RuntimeHelpers.EnsureSufficientExecutionStack();
            if (Take("#"))
            {
                var measured = Value(Name());
                Close();
                return Encoding.UTF8.GetByteCount(measured).ToString(CultureInfo.InvariantCulture);
            }

            var name = Name();
            switch (Next)
            {
                case '}':
                    _at++;
                    return Value(name);
                case ':' when _at + 1 < text.Length && text[_at + 1] is '=' or '-' or '?' or '+':
                    _at += 2;
                    return Default(name);
                case '=':
                    _at++;
                    return Default(name);
                case ':':
                    _at++;
                    return Part(name);
                case ',' or '^':
                    return Cased(name);
                case '/':
                    _at++;
                    return Replaced(name);
                case '#' or '%':
                    return Trimmed(name);
                default:
                    throw Malformed("its closing brace is missing");
            }
        }

        private string Default(string name)
        {
            var fallback = Word(false);
            Close();
            return valueOf(name) is { Length: > 0 } value ? value : fallback;
        }

        private string Part(string name)
        {
            var (start, length) = (Word(false, ':'), Take(":") ? Word(false) : null);
            Close();
            var bytes = Encoding.UTF8.GetBytes(Value(name));
            if (!int.TryParse(start, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var from))
            {
                return Value(name);
            }

            from = from < 0 ? Math.Max(0, bytes.Length + from) : Math.Min(from, bytes.Length);
            if (length is null)
            {
                return Encoding.UTF8.GetString(bytes.AsSpan(from));
            }

            if (!int.TryParse(length, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count))
            {
                return Value(name);
            }

            var end = count < 0 ? bytes.Length + count : (int)Math.Min((long)from + count, bytes.Length);
            return end <= from ? "" : Encoding.UTF8.GetString(bytes.AsSpan(from, end - from));
        }

        private string Cased(string name)
        {
            var upper = text[_at++] == '^';
            var all = Take(upper ? "^" : ",");
            Close();
            var value = Value(name);
            var first = value.Length == 0 ? 0 : char.IsHighSurrogate(value[0]) && value.Length > 1 ? 2 : 1;
            var (changed, rest) = all ? (value, "") : (value[..first], value[first..]);
            return (upper ? changed.ToUpperInvariant() : changed.ToLowerInvariant()) + rest;
        }

        private string Replaced(string name)
        {
            var where = Next is '/' or '#' or '%' ? text[_at++] : ' ';
            var pattern = Word(true, '/');
            if (!Take("/"))
            {
                throw Malformed("its replacement is missing");
            }

            var by = Word(true);
            Close();
            var value = Value(name);
            switch (where)
            {
                case '#':
                    return value.StartsWith(pattern, StringComparison.Ordinal) ? by + value[pattern.Length..] : value;
                case '%':
                    return value.EndsWith(pattern, StringComparison.Ordinal) ? value[..^pattern.Length] + by : value;
                case '/' when pattern.Length > 0:
                    return value.Replace(pattern, by, StringComparison.Ordinal);
                default:
                    var at = value.IndexOf(pattern, StringComparison.Ordinal);
                    return at < 0 ? value : value[..at] + by + value[(at + pattern.Length)..];
            }
        }

        private string Trimmed(string name)
        {
            var end = text[_at++] == '%';
            var longest = Take(end ? "%" : "#");
            var glob = Word(false);
            Close();
            var value = Value(name);
            var lengths = Enumerable.Range(1, value.Length);
            foreach (var length in longest ? lengths.Reverse() : lengths)
            {
                if (Glob.IsMatch(glob, end ? value[^length..] : value[..length]))
                {
                    return end ? value[..^length] : value[length..];
                }
            }

            return value;
        }

        // Up to the closing brace, or what ends this part of the expression before; expressions inside are worked out.
        private string Word(bool escapes, char end = '}')
        {
            var word = new StringBuilder();
            while (Next != '}' && Next != end)
            {
                if (_at >= text.Length)
                {
                    throw Malformed("its closing brace is missing");
                }

                if (Take("${"))
                {
                    word.Append(Expression());
                }
                else
                {
                    _at += escapes && Next == '\\' && _at + 1 < text.Length ? 1 : 0;
                    word.Append(text[_at++]);
                }
            }

            return word.ToString();
        }

        private string Name()
        {
            var start = _at;
            while (char.IsAsciiLetterOrDigit(Next) || Next == '_')
            {
                _at++;
            }

            return _at > start ? text[start.._at] : throw Malformed("the name of a variable is missing");
        }

        private string Value(string name) =>
            valueOf(name) ?? (strict ? throw new KustomizeException($"variable {name} is not set, and there is no default") : "");

        private void Close()
        {
            if (!Take("}"))
            {
                throw Malformed("its closing brace is missing");
            }
        }

        private bool Take(string what)
        {
            if (string.CompareOrdinal(text, _at, what, 0, what.Length) != 0)
            {
                return false;
            }

            _at += what.Length;
            return true;
        }

        private KustomizeException Malformed(string why)
        {
            var from = text.LastIndexOf("${", Math.Min(_at, text.Length - 1), StringComparison.Ordinal);
            var line = text.AsSpan(0, Math.Min(_at, text.Length)).Count('\n') + 1;
            var shown = from < 0 ? "" : text[from..Math.Min(text.Length, from + 40)].Split('\n')[0];
            return new KustomizeException($"\"{shown}\" in line {line} of the resource: {why}");
        }
    }
}

/// <summary>Patterns of a shell: <c>*</c>, <c>?</c>, <c>[a-z]</c>, <c>\</c> before what is meant as it stands. A star means slashes too.</summary>
internal static class Glob
{
    public static bool IsMatch(ReadOnlySpan<char> glob, ReadOnlySpan<char> text)
    {
        // Where the last star stood, and what it has taken by now: no more than that has to be remembered.
        var (g, t, star, taken) = (0, 0, -1, 0);
        while (t < text.Length)
        {
            if (g < glob.Length && glob[g] == '*')
            {
                (star, taken) = (g++, t);
            }
            else if (g < glob.Length && One(glob[g..], text[t], out var length))
            {
                (g, t) = (g + length, t + 1);
            }
            else if (star >= 0)
            {
                (g, t) = (star + 1, ++taken);
            }
            else
            {
                return false;
            }
        }

        return glob[g..].Trim('*').IsEmpty;
    }

    private static bool One(ReadOnlySpan<char> glob, char c, out int length)
    {
        length = 1;
        switch (glob[0])
        {
            case '?':
                return true;
            case '\\' when glob.Length > 1:
                length = 2;
                return glob[1] == c;
            case '[' when glob[1..].IndexOf(']') is var end and > 0:
                length = end + 2;
                var set = glob.Slice(1, end);
                var negated = set[0] is '^' or '!';
                return InSet(negated ? set[1..] : set, c) != negated;
            default:
                return glob[0] == c;
        }
    }

    private static bool InSet(ReadOnlySpan<char> set, char c)
    {
        for (var i = 0; i < set.Length; i++)
        {
            var isRange = i + 2 < set.Length && set[i + 1] == '-';
            if (isRange ? c >= set[i] && c <= set[i + 2] : c == set[i])
            {
                return true;
            }

            i += isRange ? 2 : 0;
        }

        return false;
    }
}
