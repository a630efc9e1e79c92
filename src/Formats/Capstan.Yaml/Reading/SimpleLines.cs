using System.Text;

namespace Capstan.Yaml;

/// <summary>Goes through a text by the lines that hold anything, and reads literal blocks.</summary>
internal struct SimpleLines(string text)
{
    private int _number;
    private int _next;

    /// <summary>Where the line begins.</summary>
    public int Start { get; private set; }

    /// <summary>Where its first character that is no space is.</summary>
    public int Content { get; private set; }

    /// <summary>Where it ends, before the line feed.</summary>
    public int End { get; private set; }

    /// <summary>Whether no line is left.</summary>
    public bool AtEnd { get; private set; }

    public readonly int Indent => Content - Start;

    /// <summary>Whether the line is an item of a list: a dash with a space or nothing behind it.</summary>
    public readonly bool IsItem => text[Content] == '-' && (Content + 1 == End || text[Content + 1] == ' ');

    /// <summary>Whether the line parts documents, or may.</summary>
    public readonly bool IsSeparator => !AtEnd && Content == Start && text.AsSpan(Start, End - Start) is "---";

    public readonly Position PositionOf(int at) => new(_number, at - Start + 1);

    /// <summary>Goes to the first line that holds anything.</summary>
    public bool ToContent() => Next();

    /// <summary>Goes to the next line that is neither empty nor a comment.</summary>
    /// <returns>False when there is none.</returns>
    public bool Next()
    {
        while (_next < text.Length)
        {
            Take();
            if (Content < End && text[Content] != '#')
            {
                return true;
            }
        }

        AtEnd = true;
        return false;
    }

    public readonly int SkipSpaces(int at)
    {
        while (at < End && text[at] == ' ')
        {
            at++;
        }

        return at;
    }

    /// <summary>Reads the block whose sign stands on this line, and goes to the line behind it.</summary>
    /// <returns>False when it is of a form that is left to the whole reader.</returns>
    public bool TryReadLiteral(int sign, int parentIndent, out string literal)
    {
        literal = "";
        var chomping = sign + 1 < End ? text[sign + 1] : ' ';
        if (sign + 1 < End && (sign + 2 < End || chomping is not ('-' or '+')))
        {
            return false;
        }

        var output = new StringBuilder();
        var (indent, breaks, deepestBlank) = (-1, 0, 0);
        while (_next < text.Length)
        {
            var (number, next) = (_number, _next);
            Take();
            if (Content == End && (indent < 0 || Indent <= indent))
            {
                deepestBlank = Math.Max(deepestBlank, Indent);

                // The last line may be without a line feed, and then holds nothing at all.
                breaks += End < text.Length ? 1 : 0;
                continue;
            }

            if (indent < 0)
            {
                indent = Indent;
                if (indent <= parentIndent || deepestBlank > indent)
                {
                    return false;
                }
            }

            if (Indent < indent)
            {
                // What ends a block must be as deep as something around it.
                (_number, _next) = (number, next);
                if (Content > Start && Indent > parentIndent)
                {
                    return false;
                }

                break;
            }

            output.Append('\n', breaks).Append(text, Start + indent, End - Start - indent);
            breaks = End < text.Length ? 1 : 0;
        }

        literal = Chomped(output, chomping, breaks);
        Next();
        return indent >= 0;
    }

    private static string Chomped(StringBuilder output, char chomping, int breaks) =>
        output.Append('\n', chomping == '+' ? breaks : chomping == '-' ? 0 : Math.Min(breaks, 1)).ToString();

    private void Take()
    {
        Start = _next;
        var length = text.AsSpan(Start).IndexOf('\n');
        End = length < 0 ? text.Length : Start + length;
        _next = length < 0 ? text.Length : End + 1;
        _number++;
        var spaces = text.AsSpan(Start, End - Start).IndexOfAnyExcept(' ');
        Content = spaces < 0 ? End : Start + spaces;
    }
}
