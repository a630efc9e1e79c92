using System.Globalization;
using System.Text;

namespace Capstan.Scalars;

/// <summary>The character classes: brackets, POSIX names and Unicode categories.</summary>
internal sealed partial class Re2Translator
{
    private static readonly Dictionary<string, string> PosixClasses = new(StringComparer.Ordinal)
    {
        ["alnum"] = "0-9A-Za-z",
        ["alpha"] = "A-Za-z",
        ["ascii"] = @"\x00-\x7F",
        ["blank"] = @"\t ",
        ["cntrl"] = @"\x00-\x1F\x7F",
        ["digit"] = Digits,
        ["graph"] = "!-~",
        ["lower"] = "a-z",
        ["print"] = " -~",
        ["punct"] = @"!-/:-@\[-`{-~",
        ["space"] = @"\t\n\v\f\r ",
        ["upper"] = "A-Z",
        ["word"] = WordCharacters,
        ["xdigit"] = "0-9A-Fa-f",
    };

    private void UnicodeClass()
    {
        var negated = pattern[_at + 1] == 'P';
        var start = _at;
        string name;
        if (_at + 2 < pattern.Length && pattern[_at + 2] == '{')
        {
            var end = pattern.IndexOf('}', _at);
            if (end < 0)
            {
                throw Fail($"invalid character class range: `{pattern[start..]}`");
            }

            name = pattern[(_at + 3)..end];
            _at = end + 1;
        }
        else if (_at + 2 < pattern.Length)
        {
            name = pattern[_at + 2].ToString();
            _at += 3;
        }
        else
        {
            throw Fail($"invalid character class range: `{pattern[start..]}`");
        }

        if (name.StartsWith('^'))
        {
            negated = !negated;
            name = name[1..];
        }

        var known = name switch
        {
            "Latin" => "IsBasicLatin",
            "Greek" => "IsGreek",
            "Cyrillic" => "IsCyrillic",
            _ => name,
        };
        _output.Append(negated ? @"\P{" : @"\p{").Append(known).Append('}');
    }

    private void CharacterClass()
    {
        var start = _at++;
        _output.Append('[');
        if (_at < pattern.Length && pattern[_at] == '^')
        {
            _output.Append('^');
            _at++;
        }

        var first = true;
        while (true)
        {
            if (_at >= pattern.Length)
            {
                throw Fail($"missing closing ]: `{pattern[start..]}`");
            }

            if (pattern[_at] == ']' && !first)
            {
                _at++;
                _output.Append(']');
                return;
            }

            first = false;
            if (!ClassGroup())
            {
                ClassRange();
            }
        }
    }

    private bool ClassGroup()
    {
        if (pattern.AsSpan(_at).StartsWith("[:"))
        {
            var end = pattern.IndexOf(":]", _at, StringComparison.Ordinal);
            if (end >= 0)
            {
                var name = pattern[(_at + 2)..end];
                var negated = name.StartsWith('^');
                if (!PosixClasses.TryGetValue(negated ? name[1..] : name, out var set))
                {
                    throw Fail($"invalid character class range: `{pattern.AsSpan(_at, end + 2 - _at)}`");
                }

                _output.Append(negated ? Complement(set) : set);
                _at = end + 2;
                return true;
            }
        }

        if (pattern[_at] != '\\' || _at + 1 >= pattern.Length)
        {
            return false;
        }

        switch (pattern[_at + 1])
        {
            case 'd' or 's' or 'w':
                _output.Append(Perl(pattern[_at + 1]));
                _at += 2;
                return true;
            case 'D':
                _output.Append(@"\x00-/:-\uFFFF");
                _at += 2;
                return true;
            case 'W':
                _output.Append(@"\x00-/:-@\[-^`{-\uFFFF");
                _at += 2;
                return true;
            case 'S':
                _output.Append(@"\x00-\x08\x0B\x0E-\x1F!-\uFFFF");
                _at += 2;
                return true;
            case 'p' or 'P':
                UnicodeClass();
                return true;
            default:
                return false;
        }
    }

    // All characters that a class of ASCII does not hold, as ranges: a class within brackets cannot be negated by a sign.
    private static string Complement(string set)
    {
        var held = new System.Text.RegularExpressions.Regex($"[{set}]", System.Text.RegularExpressions.RegexOptions.NonBacktracking);
        var output = new StringBuilder();
        for (var c = 0; c < 0x80; c++)
        {
            if (!held.IsMatch(((char)c).ToString()))
            {
                output.Append(CultureInfo.InvariantCulture, $"\\u{c:X4}");
            }
        }

        return output.Append(@"\u0080-\uFFFF").ToString();
    }

    private void ClassRange()
    {
        var start = _at;
        var low = ClassCharacter();
        if (_at + 1 < pattern.Length && pattern[_at] == '-' && pattern[_at + 1] != ']')
        {
            _at++;
            var high = ClassCharacter();
            if (high < low)
            {
                throw Fail($"invalid character class range: `{pattern.AsSpan(start, _at - start)}`");
            }

            AppendLiteral(Math.Min(low, 0xFFFF), inClass: true);
            _output.Append('-');
            AppendLiteral(Math.Min(high, 0xFFFF), inClass: true);
            return;
        }

        AppendLiteral(low, inClass: true);
    }

    private int ClassCharacter()
    {
        if (_at >= pattern.Length)
        {
            throw Fail($"missing closing ]: `{pattern}`");
        }

        if (pattern[_at] == '\\')
        {
            return _at + 1 < pattern.Length ? ReadEscapedCharacter() : throw Fail("trailing backslash at end of expression: ``");
        }

        var rune = Rune.TryGetRuneAt(pattern, _at, out var found) ? found : Rune.ReplacementChar;
        _at += rune.Utf16SequenceLength;
        return rune.Value;
    }
}
