using System.Globalization;
using System.Text;

namespace Capstan.Delivery.Undo;

/// <summary>The difference between two texts as <c>diff -u</c> and git write it.</summary>
internal static class UnifiedDiff
{
    private const int Context = 3;

    // Beyond this the middle is shown as replaced as a whole: still true, only less fine.
    private const long MostCells = 4_000_000;

    private readonly record struct Line(char Sign, string Text);

    /// <summary>The difference of one file, with its header; empty when there is none.</summary>
    /// <param name="path">The file.</param>
    /// <param name="before">Its bytes; null when it is new.</param>
    /// <param name="after">Its bytes then; null when it goes.</param>
    public static string Of(string path, byte[]? before, byte[]? after)
    {
        var (from, to) = (before is null ? "/dev/null" : $"a/{path}", after is null ? "/dev/null" : $"b/{path}");
        if (IsBinary(before) || IsBinary(after))
        {
            return $"Binary files {from} and {to} differ\n";
        }

        var (left, right) = (Lines(before), Lines(after));
        var hunks = Hunks(Compare(left, right));
        return hunks.Length == 0 ? "" : $"--- {from}\n+++ {to}\n{hunks}";
    }

    private static bool IsBinary(byte[]? content) => content is not null && content.AsSpan(0, Math.Min(content.Length, 8000)).Contains((byte)0);

    // Each line with its end, so that a missing one at the end of the file shows.
    private static string[] Lines(byte[]? content)
    {
        var text = content is null ? "" : Encoding.UTF8.GetString(content);
        var lines = text.Split('\n');
        return lines[^1].Length == 0 ? lines[..^1] : [.. lines[..^1], lines[^1] + "\n\\ No newline at end of file"];
    }

    private static List<Line> Compare(string[] left, string[] right)
    {
        var head = 0;
        while (head < left.Length && head < right.Length && left[head] == right[head])
        {
            head++;
        }

        var tail = 0;
        while (tail < left.Length - head && tail < right.Length - head && left[^(tail + 1)] == right[^(tail + 1)])
        {
            tail++;
        }

        var lines = left.Take(head).Select(l => new Line(' ', l)).ToList();
        lines.AddRange(Middle(left[head..^tail], right[head..^tail]));
        lines.AddRange(left.TakeLast(tail).Select(l => new Line(' ', l)));
        return lines;
    }

    // By the longest common subsequence.
    private static IEnumerable<Line> Middle(string[] left, string[] right)
    {
        if ((long)left.Length * right.Length > MostCells)
        {
            return left.Select(l => new Line('-', l)).Concat(right.Select(l => new Line('+', l)));
        }

        var common = new int[left.Length + 1, right.Length + 1];
        for (var i = left.Length - 1; i >= 0; i--)
        {
            for (var j = right.Length - 1; j >= 0; j--)
            {
                common[i, j] = left[i] == right[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        return Walk(left, right, common);
    }

    private static IEnumerable<Line> Walk(string[] left, string[] right, int[,] common)
    {
        var (i, j) = (0, 0);
        while (i < left.Length || j < right.Length)
        {
            if (i < left.Length && j < right.Length && left[i] == right[j])
            {
                yield return new Line(' ', left[i++]);
                j++;
            }
            else if (i < left.Length && (j == right.Length || common[i + 1, j] >= common[i, j + 1]))
            {
                yield return new Line('-', left[i++]);
            }
            else
            {
                yield return new Line('+', right[j++]);
            }
        }
    }

    private static string Hunks(List<Line> lines)
    {
        var text = new StringBuilder();
        var (old, @new, at) = (1, 1, 0);
        foreach (var (start, end) in Spans(lines))
        {
            for (; at < start; at++)
            {
                (old, @new) = (old + 1, @new + 1);
            }

            var part = lines[start..end];
            var (removed, added) = (part.Count(l => l.Sign != '+'), part.Count(l => l.Sign != '-'));
            text.Append(CultureInfo.InvariantCulture, $"@@ -{Range(old, removed)} +{Range(@new, added)} @@\n");
            part.ForEach(l => text.Append(l.Sign).Append(l.Text).Append('\n'));
            (old, @new, at) = (old + removed, @new + added, end);
        }

        return text.ToString();
    }

    // The changes with the lines around them; what touches is one.
    private static IEnumerable<(int Start, int End)> Spans(List<Line> lines)
    {
        (int Start, int End)? open = null;
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i].Sign == ' ')
            {
                continue;
            }

            var (start, end) = (Math.Max(0, i - Context), Math.Min(lines.Count, i + Context + 1));
            if (open is { } before && start > before.End)
            {
                yield return before;
                open = null;
            }

            open = (open?.Start ?? start, end);
        }

        if (open is { } last)
        {
            yield return last;
        }
    }

    // As diff writes them: the length is left out when it is 1, and an empty range begins a line earlier.
    private static string Range(int start, int length) => length switch
    {
        1 => start.ToString(CultureInfo.InvariantCulture),
        0 => $"{start - 1},0",
        _ => $"{start},{length}",
    };
}
