using System.Text.RegularExpressions;

namespace Capstan.GoTemplates;

/// <summary>Where a line of output came from.</summary>
/// <param name="Template">The template's name; empty when it is not known.</param>
/// <param name="Line">The line in it, from 1.</param>
/// <param name="Values">The paths of the values that the line shows, as in <c>image.tag</c>, separated by spaces; empty when it shows none.</param>
public sealed record TemplateLine(string Template, int Line, string Values)
{
    /// <summary>Nothing is known of the line.</summary>
    public static readonly TemplateLine Unknown = new("", 0, "");
}

/// <summary>
/// Follows which part of which template wrote each line. For renderings that ask for it; without one nothing is kept. For one execution,
/// on one thread. What functions do to the output of other templates (indenting, trimming) is followed by the text of the lines.
/// </summary>
public sealed partial class TemplateTrace
{
    private readonly List<(string[] Lines, TemplateLine[] Origins)> _included = [];

    /// <summary>For each line of the last output: where it came from.</summary>
    public IReadOnlyList<TemplateLine> Lines { get; private set; } = [];

    /// <summary>The path of the value that the dot is, inside of <c>with</c> and <c>range</c>; null when it is not known.</summary>
    internal string? DotPath { get; set; }

    internal int Included => _included.Count;

    internal static void Text(OutputBuffer output, int before, Node node) => output.Pieces!.Add(new OutputPiece(before, node, "", null));

    internal void Action(OutputBuffer output, int before, Node node, int included, string text)
    {
        var inner = _included.Count > included && text.Length > 0 ? Match(text, included) : null;
        _included.RemoveRange(included, _included.Count - included);
        output.Pieces!.Add(new OutputPiece(before, node, PathOf(node), inner));
    }

    /// <summary>The value that an expression reads, or the first of several; null when it reads none.</summary>
    internal string? ValueOf(Node node) => PathOf(node) is { Length: > 0 } path ? path.Split(' ')[0] : null;

    /// <summary>The values that an expression reads; empty when it reads none.</summary>
    private string PathOf(Node node)
    {
        var text = node.ToString();
        if (Values().Matches(text) is { Count: > 0 } named)
        {
            return string.Join(' ', named.Select(m => m.Groups["path"].Value).Distinct());
        }

        return DotPath is not null && Relative().Match(text) is { Success: true } relative
            ? relative.Groups["path"].Length == 0 ? DotPath : $"{DotPath}.{relative.Groups["path"].Value}"
            : "";
    }

    internal void ForgetLast() => _included.RemoveAt(_included.Count - 1);

    /// <summary>Takes in a finished output.</summary>
    internal void Finish(string text, List<OutputPiece> pieces)
    {
        var lines = text.Split('\n');
        var origins = new TemplateLine[lines.Length];
        var (start, first) = (0, 0);
        for (var i = 0; i < lines.Length; i++)
        {
            var end = start + lines[i].Length;
            while (first + 1 < pieces.Count && pieces[first + 1].Start <= start)
            {
                first++;
            }

            origins[i] = OriginOf(text, start, end, pieces, first);
            start = end + 1;
        }

        Lines = origins;
        _included.Add((lines, origins));
    }

    // What shows a value counts most, then the first text that is no space.
    private static TemplateLine OriginOf(string text, int start, int end, List<OutputPiece> pieces, int first)
    {
        TemplateLine? plain = null, shown = null;
        for (var i = first; i < pieces.Count && pieces[i].Start <= end; i++)
        {
            var piece = pieces[i];
            var (from, to) = (Math.Max(piece.Start, start), Math.Min(i + 1 < pieces.Count ? pieces[i + 1].Start : text.Length, end));
            if (from >= to || text.AsSpan(from, to - from).IsWhiteSpace())
            {
                continue;
            }

            var origin = piece.OriginAt(text, from);
            if (origin.Values.Length == 0)
            {
                plain ??= origin;
            }
            else if (shown?.Values.Split(' ').Contains(origin.Values) != true)
            {
                shown = shown is null ? origin : shown with { Values = $"{shown.Values} {origin.Values}" };
            }
        }

        return shown ?? plain ?? TemplateLine.Unknown;
    }

    private TemplateLine?[] Match(string text, int included)
    {
        var lines = text.Split('\n');
        var matched = new TemplateLine?[lines.Length];
        var (output, at) = (included, 0);
        for (var i = 0; i < lines.Length; i++)
        {
            var wanted = lines[i].AsSpan().Trim();
            for (var (o, l) = (output, at); !wanted.IsEmpty && o < _included.Count; (o, l) = (o + 1, 0))
            {
                for (; l < _included[o].Lines.Length; l++)
                {
                    if (_included[o].Lines[l].AsSpan().Trim().SequenceEqual(wanted))
                    {
                        matched[i] = _included[o].Origins[l];
                        (output, at) = (o, l + 1);
                        break;
                    }
                }

                if (matched[i] is not null)
                {
                    break;
                }
            }
        }

        return matched;
    }

    [GeneratedRegex(@"\.Values\.(?<path>[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)*)", RegexOptions.NonBacktracking)]
    private static partial Regex Values();

    [GeneratedRegex(@"(^|[\s({])\.(?<path>[A-Za-z_]\w*(\.[A-Za-z_]\w*)*)?", RegexOptions.NonBacktracking)]
    private static partial Regex Relative();
}

/// <summary>A part of an output, up to where the next one starts.</summary>
/// <param name="Start">Where it starts.</param>
/// <param name="Node">The node that wrote it.</param>
/// <param name="Values">The value that it shows; empty for text.</param>
/// <param name="Inner">For each of its lines what wrote it inside of other templates; null when there are none.</param>
internal sealed record OutputPiece(int Start, Node Node, string Values, TemplateLine?[]? Inner)
{
    public TemplateLine OriginAt(string text, int offset)
    {
        if (Inner is not null)
        {
            var line = text.AsSpan(Start, offset - Start).Count('\n');
            if (line < Inner.Length && Inner[line] is { } inner)
            {
                return inner;
            }
        }

        // Text is written as it stands; of an action the place where it begins is known.
        var position = Node is TextNode ? Node.Position + (offset - Start) : Node.Position;
        return new TemplateLine(Node.Source.Name, Node.Source.Locate(position).Line, Values);
    }
}
