using System.Globalization;
using System.Text;

namespace Capstan.Expressions.Functions;

/// <summary><c>format('{0} {{}}', …)</c>.</summary>
internal static class FormatFunction
{
    public static ExpressionValue Format(FunctionCall call)
    {
        var format = call.Arguments[0].Text;
        var made = new StringBuilder();
        for (var at = 0; at < format.Length;)
        {
            var left = format.IndexOf('{', at);
            var right = format.IndexOf('}', at);
            if (left < 0 && right < 0)
            {
                made.Append(format, at, format.Length - at);
                break;
            }

            var brace = left >= 0 && (right < 0 || left < right) ? left : right;
            made.Append(format, at, brace - at);
            if (brace + 1 < format.Length && format[brace + 1] == format[brace])
            {
                made.Append(format[brace]);
                at = brace + 2;
                continue;
            }

            if (brace != left || right <= left + 1 || !TryReadIndex(format, left + 1, out var index)) throw new FunctionException($"The following format string is invalid: {Cut(format)}");
            if (index + 1 >= call.Arguments.Count) throw new FunctionException($"The following format string references more arguments than were supplied: {Cut(format)}");
            var text = call.Arguments[(int)index + 1].Text;
            call.Spend(text.Length);
            made.Append(text);
            at = right + 1;
        }

        call.Spend(format.Length);
        return ExpressionValue.Of(made.ToString());
    }

    // What stands between the number and the closing brace is let pass: GitHub's formats for dates are written there.
    private static bool TryReadIndex(string format, int start, out long index)
    {
        var end = start;
        while (end < format.Length && char.IsAsciiDigit(format[end])) end++;
        index = int.MaxValue - 1;
        if (end == start) return false;
        if (long.TryParse(format.AsSpan(start, end - start), NumberStyles.None, CultureInfo.InvariantCulture, out var read) && read < index) index = read;
        return true;
    }

    private static string Cut(string text) => text.Length > 200 ? text[..200] + "…" : text;
}
