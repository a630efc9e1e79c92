using System.Globalization;
using System.Text;

namespace Capstan.Scalars;

/// <summary>Rewrites Go's regular expression syntax (RE2) for .NET. Groups get their numbers as names, since .NET counts named ones last.</summary>
internal sealed partial class Re2Translator(string pattern)
{
    private const string Digits = "0-9";
    private const string WordCharacters = "0-9A-Za-z_";
    private const string Spaces = @"\t\n\f\r ";

    private readonly StringBuilder _output = new(pattern.Length + 16);
    private readonly Dictionary<string, int> _names = new(StringComparer.Ordinal);
    private readonly Stack<(bool IsMultiline, bool IsUngreedy)> _outer = new();
    private bool _isMultiline;
    private bool _isUngreedy;
    private int _groups;
    private int _at;

    /// <exception cref="FormatException">The expression is not valid.</exception>
    public string Translate(out IReadOnlyDictionary<string, int> names)
    {
        var canRepeat = false;
        while (_at < pattern.Length)
        {
            var c = pattern[_at];
            switch (c)
            {
                case '(':
                    OpenGroup();
                    canRepeat = false;
                    continue;
                case ')':
                    if (_outer.Count == 0)
                    {
                        throw Fail($"unexpected ): `{pattern}`");
                    }

                    (_isMultiline, _isUngreedy) = _outer.Pop();
                    Take();
                    break;
                case '[':
                    CharacterClass();
                    break;
                case '\\':
                    Escape();
                    break;
                case '^':
                    _output.Append(_isMultiline ? "(?m:^)" : @"\A");
                    _at++;
                    break;
                case '$':
                    _output.Append(_isMultiline ? "(?m:$)" : @"\z");
                    _at++;
                    break;
                case '*' or '+' or '?':
                    Repetition(canRepeat);
                    canRepeat = true;
                    continue;
                case '{' when IsCount(out var length):
                    if (!canRepeat)
                    {
                        throw Fail($"missing argument to repetition operator: `{pattern.Substring(_at, length)}`");
                    }

                    _output.Append(pattern, _at, length);
                    _at += length;
                    Lazy();
                    continue;
                case '{' or '}' or ']' or '#' or ' ':
                    _output.Append('\\').Append(c);
                    _at++;
                    break;
                case '|':
                    Take();
                    canRepeat = false;
                    continue;
                default:
                    Take();
                    break;
            }

            canRepeat = true;
        }

        if (_outer.Count > 0)
        {
            throw Fail($"missing closing ): `{pattern}`");
        }

        names = _names;
        return _output.ToString();
    }

    private static FormatException Fail(string problem) => new($"error parsing regexp: {problem}");

    private void Take() => _output.Append(pattern[_at++]);

    private void Repetition(bool canRepeat)
    {
        if (!canRepeat)
        {
            throw Fail($"missing argument to repetition operator: `{pattern[_at]}`");
        }

        var start = _at;
        Take();
        Lazy();
        if (_at < pattern.Length && pattern[_at] is '*' or '+' or '?')
        {
            throw Fail($"invalid nested repetition operator: `{pattern[start..(_at + 1)]}`");
        }
    }

    // A question mark makes a repetition lazy; where all of them are (flag U), it makes one greedy.
    private void Lazy()
    {
        var isMarked = _at < pattern.Length && pattern[_at] == '?';
        _at += isMarked ? 1 : 0;
        _output.Append(isMarked != _isUngreedy ? "?" : "");
    }

    private bool IsCount(out int length)
    {
        var end = pattern.IndexOf('}', _at);
        length = end - _at + 1;
        if (end < 0)
        {
            return false;
        }

        var body = pattern.AsSpan(_at + 1, end - _at - 1);
        var comma = body.IndexOf(',');
        var low = comma < 0 ? body : body[..comma];
        var high = comma < 0 ? default : body[(comma + 1)..];
        if (low.IsEmpty || low.IndexOfAnyExceptInRange('0', '9') >= 0 || high.IndexOfAnyExceptInRange('0', '9') >= 0)
        {
            return false;
        }

        if (!Fits(low) || !Fits(high) || (!high.IsEmpty && int.Parse(high, CultureInfo.InvariantCulture) < int.Parse(low, CultureInfo.InvariantCulture)))
        {
            throw Fail($"invalid repeat count: `{pattern.AsSpan(_at, length)}`");
        }

        return true;
    }

    private static bool Fits(ReadOnlySpan<char> count) =>
        count.IsEmpty || (int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 1000);

    private void OpenGroup()
    {
        if (!pattern.AsSpan(_at).StartsWith("(?"))
        {
            _outer.Push((_isMultiline, _isUngreedy));
            _output.Append(CultureInfo.InvariantCulture, $"(?<{++_groups}>");
            _at++;
            return;
        }

        var rest = pattern.AsSpan(_at + 2);
        if (rest.StartsWith("P<") || (rest.StartsWith("<") && !rest.StartsWith("<=") && !rest.StartsWith("<!")))
        {
            var start = _at + (rest[0] == 'P' ? 4 : 3);
            var end = pattern.IndexOf('>', start);
            var name = end < 0 ? "" : pattern[start..end];
            if (name.Length == 0 || !name.All(static c => char.IsLetterOrDigit(c) || c == '_'))
            {
                throw Fail($"invalid named capture: `{pattern.AsSpan(_at, (end < 0 ? pattern.Length : end + 1) - _at)}`");
            }

            _outer.Push((_isMultiline, _isUngreedy));
            _names[name] = ++_groups;
            _output.Append(CultureInfo.InvariantCulture, $"(?<{_groups}>");
            _at = end + 1;
            return;
        }

        Flags();
    }

    private void Flags()
    {
        var start = _at;
        var on = true;
        var (multiline, ungreedy) = (_isMultiline, _isUngreedy);
        var (enabled, disabled) = ("", "");
        for (_at += 2; _at < pattern.Length; _at++)
        {
            var c = pattern[_at];
            switch (c)
            {
                case '-' when on:
                    on = false;
                    break;
                case 'i' or 's':
                    enabled += on ? c : "";
                    disabled += on ? "" : c;
                    break;
                case 'm':
                    multiline = on;
                    break;
                case 'U':
                    ungreedy = on;
                    break;
                case ':':
                    _outer.Push((_isMultiline, _isUngreedy));
                    (_isMultiline, _isUngreedy) = (multiline, ungreedy);
                    _output.Append("(?").Append(enabled).Append(disabled.Length > 0 ? "-" + disabled : "").Append(':');
                    _at++;
                    return;
                case ')':
                    (_isMultiline, _isUngreedy) = (multiline, ungreedy);
                    if (enabled.Length + disabled.Length > 0)
                    {
                        _output.Append("(?").Append(enabled).Append(disabled.Length > 0 ? "-" + disabled : "").Append(')');
                    }

                    _at++;
                    return;
                default:
                    throw Fail($"invalid or unsupported Perl syntax: `{pattern.AsSpan(start, Math.Min(_at + 1, pattern.Length) - start)}`");
            }
        }

        throw Fail($"missing closing ): `{pattern}`");
    }

    private void Escape()
    {
        if (_at + 1 >= pattern.Length)
        {
            throw Fail("trailing backslash at end of expression: ``");
        }

        var c = pattern[_at + 1];
        switch (c)
        {
            case 'd' or 's' or 'w':
                _output.Append('[').Append(Perl(c)).Append(']');
                break;
            case 'D' or 'S' or 'W':
                _output.Append("[^").Append(Perl(char.ToLowerInvariant(c))).Append(']');
                break;
            case 'A' or 'z' or 'b' or 'B':
                _output.Append('\\').Append(c);
                break;
            case 'Q':
                var end = pattern.IndexOf("\\E", _at, StringComparison.Ordinal);
                var literal = end < 0 ? pattern[(_at + 2)..] : pattern[(_at + 2)..end];
                _output.Append(System.Text.RegularExpressions.Regex.Escape(literal));
                _at = end < 0 ? pattern.Length : end + 2;
                return;
            case 'p' or 'P':
                UnicodeClass();
                return;
            default:
                AppendLiteral(ReadEscapedCharacter(), inClass: false);
                return;
        }

        _at += 2;
    }

    private static string Perl(char c) => c switch
    {
        'd' => Digits,
        's' => Spaces,
        _ => WordCharacters,
    };

    // Reads a backslash and what follows as one character.
    private int ReadEscapedCharacter()
    {
        var c = pattern[_at + 1];
        var start = _at;
        _at += 2;
        switch (c)
        {
            case 'a':
                return '\a';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'v':
                return '\v';
            case 'x':
                return Hexadecimal(start);
            case >= '0' and <= '7':
                var value = c - '0';
                if (c != '0' && (_at >= pattern.Length || pattern[_at] is < '0' or > '7'))
                {
                    break;
                }

                for (var i = 0; i < 2 && _at < pattern.Length && pattern[_at] is >= '0' and <= '7'; i++, _at++)
                {
                    value = (value * 8) + pattern[_at] - '0';
                }

                return value;
            default:
                if (c < 0x80 && !char.IsAsciiLetterOrDigit(c))
                {
                    return c;
                }

                break;
        }

        throw Fail($"invalid escape sequence: `\\{c}`");
    }

    private int Hexadecimal(int start)
    {
        var braced = _at < pattern.Length && pattern[_at] == '{';
        var end = braced ? pattern.IndexOf('}', _at) : _at + 2;
        var digits = braced ? _at + 1 : _at;
        if (end < 0 || end > pattern.Length
            || !int.TryParse(pattern.AsSpan(digits, end - digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            || value > 0x10FFFF)
        {
            throw Fail($"invalid escape sequence: `{pattern.AsSpan(start, Math.Min(_at + 2, pattern.Length) - start)}`");
        }

        _at = braced ? end + 1 : end;
        return value;
    }

    private void AppendLiteral(int character, bool inClass)
    {
        if (character > 0xFFFF)
        {
            _output.Append(char.ConvertFromUtf32(character));
        }
        else if (character is < ' ' or > '~' || (inClass ? @"\]^-[" : @"\*+?|{}[]()^$.# ").Contains((char)character, StringComparison.Ordinal))
        {
            _output.Append(CultureInfo.InvariantCulture, $"\\u{character:X4}");
        }
        else
        {
            _output.Append((char)character);
        }
    }
}
