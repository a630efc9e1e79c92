using System.Text;

namespace Capstan.GoTemplates;

/// <summary>Walks a printf format and hands each verb with its flags to the writer.</summary>
internal ref struct FormatReader(string format, StringBuilder output)
{
    private const int LargestNumber = 1_000_000;

    private readonly FormatWriter _writer = new(output);
    private int _at;
    private int _argument;
    private bool _afterIndex;
    private bool _goodIndex;
    private bool _reordered;

    public void Write(ReadOnlySpan<object?> values)
    {
        while (_at < format.Length)
        {
            _goodIndex = true;
            var percent = format.IndexOf('%', _at);
            var textEnd = percent < 0 ? format.Length : percent;
            output.Append(format, _at, textEnd - _at);
            if (percent < 0)
            {
                break;
            }

            _at = percent + 1;
            if (!Verb(values))
            {
                break;
            }
        }

        if (!_reordered && _argument < values.Length)
        {
            Extra(values[_argument..]);
        }
    }

    private bool Verb(ReadOnlySpan<object?> values)
    {
        _writer.ClearFlags();
        _afterIndex = false;
        Flags();
        ArgumentNumber(values.Length);
        Width(values);
        Precision(values);
        if (!_afterIndex)
        {
            ArgumentNumber(values.Length);
        }

        if (_at >= format.Length)
        {
            output.Append("%!(NOVERB)");
            return false;
        }

        var verb = Rune.TryGetRuneAt(format, _at, out var rune) ? rune : Rune.ReplacementChar;
        _at += verb.Utf16SequenceLength;
        if (verb.Value == '%')
        {
            output.Append('%');
        }
        else if (!_goodIndex)
        {
            output.Append("%!").Append(verb).Append("(BADINDEX)");
        }
        else if (_argument >= values.Length)
        {
            output.Append("%!").Append(verb).Append("(MISSING)");
        }
        else
        {
            if (verb.Value == 'v')
            {
                _writer.UseValueFlags();
            }

            _writer.Print(values[_argument++], verb.Value);
        }

        return true;
    }

    private void Flags()
    {
        for (; _at < format.Length; _at++)
        {
            switch (format[_at])
            {
                case '#':
                    _writer.Sharp = true;
                    break;
                case '0':
                    _writer.Zero = true;
                    break;
                case '+':
                    _writer.Plus = true;
                    break;
                case '-':
                    _writer.Minus = true;
                    break;
                case ' ':
                    _writer.Space = true;
                    break;
                default:
                    return;
            }
        }
    }

    private void Width(ReadOnlySpan<object?> values)
    {
        if (_at < format.Length && format[_at] == '*')
        {
            _at++;
            _writer.Width = FromArgument(values);
            if (_writer.Width is null)
            {
                output.Append("%!(BADWIDTH)");
            }

            if (_writer.Width < 0)
            {
                _writer.Width = -_writer.Width;
                _writer.Minus = true;
            }

            _afterIndex = false;
            return;
        }

        _writer.Width = Number();
        if (_afterIndex && _writer.Width is not null)
        {
            _goodIndex = false;
        }
    }

    private void Precision(ReadOnlySpan<object?> values)
    {
        if (_at + 1 > format.Length || _at >= format.Length || format[_at] != '.')
        {
            return;
        }

        _at++;
        if (_afterIndex)
        {
            _goodIndex = false;
        }

        ArgumentNumber(values.Length);
        if (_at < format.Length && format[_at] == '*')
        {
            _at++;
            _writer.Precision = FromArgument(values);
            if (_writer.Precision is null or < 0)
            {
                _writer.Precision = null;
                output.Append("%!(BADPREC)");
            }

            _afterIndex = false;
            return;
        }

        _writer.Precision = Number() ?? 0;
    }

    private int? FromArgument(ReadOnlySpan<object?> values)
    {
        if (_argument >= values.Length)
        {
            return null;
        }

        var value = values[_argument++];
        return GoValues.TryGetInteger(value, out var number) && Math.Abs(number) <= LargestNumber ? (int)number : null;
    }

    private int? Number()
    {
        int? number = null;
        for (; _at < format.Length && char.IsAsciiDigit(format[_at]); _at++)
        {
            if (number > LargestNumber)
            {
                _at = format.Length;
                return null;
            }

            number = ((number ?? 0) * 10) + (format[_at] - '0');
        }

        return number;
    }

    private void ArgumentNumber(int count)
    {
        if (_at >= format.Length || format[_at] != '[')
        {
            _afterIndex = false;
            return;
        }

        _reordered = true;
        var close = format.IndexOf(']', _at);
        if (close < 0)
        {
            _goodIndex = false;
            _at++;
            _afterIndex = false;
            return;
        }

        var parsed = int.TryParse(format.AsSpan(_at + 1, close - _at - 1), System.Globalization.NumberStyles.None, null, out var index);
        _at = close + 1;
        _afterIndex = parsed;
        if (parsed && index >= 1 && index <= count)
        {
            _argument = index - 1;
            return;
        }

        _goodIndex = false;
    }

    private readonly void Extra(ReadOnlySpan<object?> values)
    {
        _writer.ClearFlags();
        output.Append("%!(EXTRA ");
        for (var i = 0; i < values.Length; i++)
        {
            if (i > 0)
            {
                output.Append(", ");
            }

            if (values[i] is null)
            {
                output.Append("<nil>");
                continue;
            }

            output.Append(GoType.Of(values[i]).Name).Append('=');
            _writer.Print(values[i], 'v');
        }

        output.Append(')');
    }
}
