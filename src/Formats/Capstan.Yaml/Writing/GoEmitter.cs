using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Capstan.Yaml;

/// <summary>
/// Lays a tree out as libyaml's emitter does. The state is libyaml's too (column, whether white space or only indentation was written
/// last), because where it breaks lines follows from that.
/// </summary>
internal sealed class GoEmitter(GoYamlOptions options, StringBuilder text)
{
    private const int LongestSimpleKey = 128;
    private const int NoBreaks = -1;

    private readonly StringBuilder _out = text;
    private int _column;
    private bool _whitespace = true;
    private bool _indention = true;

    /// <summary>Writes a document, which ends with a line break.</summary>
    public void Write(YamlNode node)
    {
        (_column, _whitespace, _indention) = (0, true, true);
        Node(node, indent: -1, inMap: false, inList: false);
        BreakAndIndent(0);
    }

    private void Node(YamlNode node, int indent, bool inMap, bool inList)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (node)
        {
            case YamlMap { Count: 0 }:
                Indicator("{");
                Indicator("}", needsSpace: false);
                break;
            case YamlList { Count: 0 }:
                Indicator("[");
                Indicator("]", needsSpace: false);
                break;
            case YamlMap map:
                Map(map, indent < 0 ? 0 : indent + Step(inList));
                break;
            case YamlList list:
                List(list, ListIndent(indent, inMap, inList));
                break;
            case YamlScalar { Kind: ScalarKind.String } text:
                Text(text.Text, indent < 0 ? options.Indent : indent + options.Indent, simpleKey: false);
                break;
            case YamlScalar other:
                Plain(Number(other), NoBreaks);
                break;
        }
    }

    private int Step(bool inList) => inList ? 2 : options.Indent;

    private int ListIndent(int indent, bool inMap, bool inList)
    {
        if (indent < 0)
        {
            return 0;
        }

        return inMap && !_indention && !options.IndentSequences ? indent : indent + Step(inList);
    }

    private void Map(YamlMap map, int indent)
    {
        var entries = options.SortKeys ? GoKeyOrder.Sort(map, options.LettersFirstAfterDigits) : map.AsSpan();
        foreach (ref readonly var entry in entries)
        {
            BreakAndIndent(indent);
            var shape = GoScalarShape.Of(entry.Key, options.TabsInBlocks);
            if (!shape.Multiline && Encoding.UTF8.GetByteCount(entry.Key) <= LongestSimpleKey)
            {
                Text(entry.Key, indent + options.Indent, simpleKey: true);
                Indicator(":", needsSpace: false);
            }
            else
            {
                Indicator("?", keepsIndention: true);
                Text(entry.Key, indent + options.Indent, simpleKey: false);
                BreakAndIndent(indent);
                Indicator(":", keepsIndention: true);
            }

            Node(entry.Value, indent, inMap: true, inList: false);
        }
    }

    private void List(YamlList list, int indent)
    {
        foreach (var item in list.AsSpan())
        {
            BreakAndIndent(indent);
            Indicator("-", keepsIndention: true);
            Node(item, indent, inMap: false, inList: true);
        }
    }

    private string Number(YamlScalar scalar)
    {
        if (!scalar.IsNumber)
        {
            return scalar.Text;
        }

        if (!options.NumbersThroughJson)
        {
            return scalar.Kind == ScalarKind.Float ? GoFloats.FormatG(scalar.AsDouble()) : scalar.Text;
        }

        // Read anew, 1e3 is the integer 1000, and 1000000.5 is the float 1.0000005e+06.
        var resolved = GoScalar.Resolve(scalar.Text, timestamps: false);
        return resolved.Tag switch
        {
            GoTags.Integer => resolved.Integer!,
            GoTags.Float => GoFloats.FormatG(resolved.Number),
            _ => scalar.Text,
        };
    }

    private void Text(string text, int indent, bool simpleKey)
    {
        var shape = GoScalarShape.Of(text, options.TabsInBlocks);
        switch (GoQuoting.Choose(text, shape, simpleKey))
        {
            case ScalarStyle.SingleQuoted:
                SingleQuoted(text, simpleKey ? NoBreaks : indent);
                break;
            case ScalarStyle.DoubleQuoted:
                DoubleQuoted(text, simpleKey ? NoBreaks : indent);
                break;
            case ScalarStyle.Literal:
                Literal(text, indent);
                break;
            default:
                Plain(text, simpleKey ? NoBreaks : indent);
                break;
        }
    }

    private void Plain(string text, int indent)
    {
        if (!_whitespace)
        {
            Put(' ');
        }

        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == ' ' && FoldsAt(text, i, indent) && text[i + 1] != ' ')
            {
                BreakAndIndent(indent);
            }
            else
            {
                Put(text[i]);
            }
        }

        _whitespace = false;
        _indention = false;
    }

    private void SingleQuoted(string text, int indent)
    {
        Indicator("'");
        var afterBreak = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == ' ' && FoldsAt(text, i, indent) && text[i + 1] != ' ')
            {
                BreakAndIndent(indent);
                continue;
            }

            if (GoScalarShape.IsBreak(c))
            {
                if (!afterBreak && c == '\n')
                {
                    Break('\n');
                }

                Break(c);
                afterBreak = true;
                continue;
            }

            if (afterBreak)
            {
                BreakAndIndent(indent);
            }

            if (c == '\'')
            {
                Put('\'');
            }

            Put(c);
            _indention = false;
            afterBreak = false;
        }

        Indicator("'", needsSpace: false);
    }

    private void DoubleQuoted(string text, int indent)
    {
        Indicator("\"");
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == ' ' && FoldsAt(text, i, indent))
            {
                BreakAndIndent(indent);
                if (text[i + 1] == ' ')
                {
                    Put('\\');
                }
            }
            else if (GoScalarShape.IsPrintable(c) && !GoScalarShape.IsBreak(c) && c is not ('"' or '\\'))
            {
                Put(c);
            }
            else
            {
                // A lone half of a surrogate pair, which no UTF-8 holds, becomes the replacement character.
                Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out var length);
                Escape(rune.Value);
                i += length - 1;
            }
        }

        Indicator("\"", needsSpace: false);
    }

    private void Escape(int value)
    {
        var text = value switch
        {
            0x00 => "\\0",
            0x07 => "\\a",
            0x08 => "\\b",
            0x09 => "\\t",
            0x0A => "\\n",
            0x0B => "\\v",
            0x0C => "\\f",
            0x0D => "\\r",
            0x1B => "\\e",
            0x22 => "\\\"",
            0x5C => "\\\\",
            0x85 => "\\N",
            0xA0 => "\\_",
            0x2028 => "\\L",
            0x2029 => "\\P",
            <= 0xFF => string.Create(CultureInfo.InvariantCulture, $"\\x{value:X2}"),
            <= 0xFFFF => string.Create(CultureInfo.InvariantCulture, $"\\u{value:X4}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"\\U{value:X8}"),
        };
        _out.Append(text);
        _column += text.Length;
    }

    private void Literal(string text, int indent)
    {
        Indicator("|");
        if (text[0] == ' ' || GoScalarShape.IsBreak(text[0]))
        {
            Indicator(options.Indent.ToString(CultureInfo.InvariantCulture), needsSpace: false);
        }

        Chomp(text);
        Break('\n');
        _whitespace = true;
        var afterBreak = true;
        foreach (var c in text)
        {
            if (GoScalarShape.IsBreak(c))
            {
                Break(c);
                afterBreak = true;
                continue;
            }

            if (afterBreak)
            {
                BreakAndIndent(indent);
            }

            Put(c);
            _indention = false;
            afterBreak = false;
        }
    }

    private void Chomp(string text)
    {
        if (!GoScalarShape.IsBreak(text[^1]))
        {
            Indicator("-", needsSpace: false);
        }
        else if (text.Length == 1 || GoScalarShape.IsBreak(text[^2]))
        {
            Indicator("+", needsSpace: false);
        }
    }

    private void Indicator(string text, bool needsSpace = true, bool keepsIndention = false)
    {
        if (needsSpace && !_whitespace)
        {
            Put(' ');
        }

        _out.Append(text);
        _column += text.Length;
        _whitespace = false;
        _indention = _indention && keepsIndention;
    }

    private void BreakAndIndent(int indent)
    {
        if (!_indention || _column > indent || (_column == indent && !_whitespace))
        {
            Break('\n');
        }

        if (_column < indent)
        {
            _out.Append(' ', indent - _column);
            _column = indent;
        }

        _whitespace = true;
        _indention = true;
    }

    // A line that has passed the width is broken at the next single blank, which the reader puts back.
    private bool FoldsAt(string text, int at, int indent) =>
        indent != NoBreaks && _column > options.Width && at > 0 && at < text.Length - 1 && text[at - 1] != ' ';

    private void Put(char c)
    {
        _out.Append(c);
        if (!char.IsLowSurrogate(c))
        {
            _column++;
        }
    }

    private void Break(char c)
    {
        _out.Append(c);
        _column = 0;
        _indention = true;
    }
}
