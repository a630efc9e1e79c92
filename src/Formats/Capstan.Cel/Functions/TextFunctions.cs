using System.Text;

namespace Capstan.Cel.Functions;

/// <summary>Texts. Places in them are counted in characters, not in UTF-16 units.</summary>
internal static class TextFunctions
{
    public static readonly IReadOnlyList<CelFunction> All =
    [
        CelFunction.Method("contains", 2, (a, meter) => Test(a, meter, static (text, part) => text.Contains(part, StringComparison.Ordinal))),
        CelFunction.Method("startsWith", 2, (a, meter) => Test(a, meter, static (text, part) => text.StartsWith(part, StringComparison.Ordinal))),
        CelFunction.Method("endsWith", 2, (a, meter) => Test(a, meter, static (text, part) => text.EndsWith(part, StringComparison.Ordinal))),
        CelFunction.Method("charAt", 2, (a, meter) => CharAt(a[0], a[1], meter)),
        CelFunction.Method("indexOf", 2, (a, meter) => IndexOf(a, 0, last: false, meter)),
        CelFunction.Method("indexOf", 3, (a, meter) => a[2] is CelInt from ? IndexOf(a, from.Value, last: false, meter) : CelFault.NoOverload),
        CelFunction.Method("lastIndexOf", 2, (a, meter) => IndexOf(a, null, last: true, meter)),
        CelFunction.Method("lastIndexOf", 3, (a, meter) => a[2] is CelInt from ? IndexOf(a, from.Value, last: true, meter) : CelFault.NoOverload),
        CelFunction.Method("lowerAscii", 1, (a, meter) => Change(a[0], meter, static text => Cased(text, char.IsAsciiLetterUpper, ' '))),
        CelFunction.Method("upperAscii", 1, (a, meter) => Change(a[0], meter, static text => Cased(text, char.IsAsciiLetterLower, ' '))),
        CelFunction.Method("trim", 1, (a, meter) => Change(a[0], meter, static text => text.Trim())),
        CelFunction.Method("reverse", 1, (a, meter) => Change(a[0], meter, static text => string.Concat(text.EnumerateRunes().Reverse().Select(r => r.ToString())))),
        CelFunction.Method("replace", 3, (a, meter) => Replace(a, -1, meter)),
        CelFunction.Method("replace", 4, (a, meter) => a[3] is CelInt most ? Replace(a, most.Value, meter) : CelFault.NoOverload),
        CelFunction.Method("split", 2, (a, meter) => Split(a, -1, meter)),
        CelFunction.Method("split", 3, (a, meter) => a[2] is CelInt most ? Split(a, most.Value, meter) : CelFault.NoOverload),
        CelFunction.Method("substring", 2, (a, meter) => Substring(a[0], a[1], null, meter)),
        CelFunction.Method("substring", 3, (a, meter) => Substring(a[0], a[1], a[2], meter)),
        CelFunction.Method("join", 1, (a, meter) => Join(a[0], "", meter)),
        CelFunction.Method("join", 2, (a, meter) => a[1] is CelString separator ? Join(a[0], separator.Value, meter) : CelFault.NoOverload),
        CelFunction.Global("strings.quote", 1, (a, meter) => Change(a[0], meter, Quote)),
    ];

    private static CelValue Test(ReadOnlySpan<CelValue> a, CelMeter meter, Func<string, string, bool> holds)
    {
        if (a[0] is not CelString text || a[1] is not CelString part) return CelFault.NoOverload;
        meter.SpendText(text.Value.Length);
        return CelValue.Of(holds(text.Value, part.Value));
    }

    private static CelValue Change(CelValue value, CelMeter meter, Func<string, string> change)
    {
        if (value is not CelString text) return CelFault.NoOverload;
        meter.SpendText(text.Value.Length);
        return CelValue.Of(change(text.Value));
    }

    private static string Cased(string text, Func<char, bool> changes, char bit) =>
        string.Create(text.Length, (text, changes, bit), static (span, state) =>
        {
            for (var i = 0; i < span.Length; i++) span[i] = state.changes(state.text[i]) ? (char)(state.text[i] ^ state.bit) : state.text[i];
        });

    private static CelValue CharAt(CelValue value, CelValue index, CelMeter meter)
    {
        if (value is not CelString || index is not CelInt at) return CelFault.NoOverload;
        var runes = Runes(value, meter);
        return at.Value < 0 || at.Value > runes.Length ? OutOfRange(at.Value) : CelValue.Of(at.Value == runes.Length ? "" : runes[at.Value].ToString());
    }

    private static CelValue IndexOf(ReadOnlySpan<CelValue> a, long? from, bool last, CelMeter meter)
    {
        if (a[0] is not CelString || a[1] is not CelString) return CelFault.NoOverload;
        var (text, part) = (Runes(a[0], meter), Runes(a[1], meter));
        if (from < 0 || from > text.Length) return OutOfRange(from.Value);
        var span = text.AsSpan();
        if (last)
        {
            var end = (int)Math.Min(text.Length, (from ?? text.Length) + part.Length);
            return CelValue.Of(part.Length == 0 ? Math.Min(from ?? text.Length, text.Length) : span[..end].LastIndexOf(part));
        }

        var found = span[(int)from!.Value..].IndexOf(part);
        return CelValue.Of(found < 0 ? -1 : found + from.Value);
    }

    private static CelValue Replace(ReadOnlySpan<CelValue> a, long most, CelMeter meter)
    {
        if (a[0] is not CelString text || a[1] is not CelString from || a[2] is not CelString to) return CelFault.NoOverload;
        meter.SpendText(text.Value.Length);
        var output = new StringBuilder();
        var at = 0;
        for (var count = 0L; most < 0 || count < most; count++)
        {
            // Between all characters when there is nothing to look for, as Go does.
            var found = from.Value.Length > 0 ? text.Value.IndexOf(from.Value, at, StringComparison.Ordinal) : count == 0 ? 0 : NextRune(text.Value, at);
            if (found < 0) break;
            meter.SpendText(to.Value.Length);
            output.Append(text.Value, at, found - at).Append(to.Value);
            at = found + from.Value.Length;
        }

        return CelValue.Of(output.Append(text.Value, at, text.Value.Length - at).ToString());
    }

    private static int NextRune(string text, int at) => at >= text.Length ? -1 : at + (char.IsSurrogatePair(text, at) ? 2 : 1);

    private static CelValue Split(ReadOnlySpan<CelValue> a, long most, CelMeter meter)
    {
        if (a[0] is not CelString text || a[1] is not CelString separator) return CelFault.NoOverload;
        meter.Spend(text.Value.Length);
        if (most == 0) return CelArray.Empty;
        var count = most < 0 ? int.MaxValue : (int)Math.Min(most, int.MaxValue);
        var runes = separator.Value.Length == 0 ? Runes(text, meter).Select(r => r.ToString()).ToList() : null;
        var parts = runes is null ? text.Value.Split(separator.Value, count)
            : runes.Count <= count ? [.. runes]
            : [.. runes.Take(count - 1), string.Concat(runes.Skip(count - 1))];
        return new CelArray(Array.ConvertAll(parts, CelValue.Of));
    }

    private static CelValue Substring(CelValue value, CelValue start, CelValue? end, CelMeter meter)
    {
        if (value is not CelString || start is not CelInt from || end is not (null or CelInt)) return CelFault.NoOverload;
        var runes = Runes(value, meter);
        var to = (end as CelInt)?.Value ?? runes.Length;
        if (from.Value < 0 || from.Value > runes.Length) return OutOfRange(from.Value);
        if (to < 0 || to > runes.Length) return OutOfRange(to);
        return from.Value > to ? new CelFault(FormattableString.Invariant($"invalid substring range. start: {from.Value}, end: {to}"))
            : CelValue.Of(string.Concat(runes[(int)from.Value..(int)to].Select(r => r.ToString())));
    }

    private static CelValue Join(CelValue value, string separator, CelMeter meter)
    {
        if (value is not CelList list) return CelFault.NoOverload;
        var parts = new string[list.Count];
        for (var i = 0; i < parts.Length; i++)
        {
            if (list[i] is not CelString part) return CelFault.NoOverload;
            meter.SpendText(part.Value.Length + separator.Length);
            parts[i] = part.Value;
        }

        return CelValue.Of(string.Join(separator, parts));
    }

    private static string Quote(string text)
    {
        var output = new StringBuilder("\"");
        foreach (var c in text)
        {
            _ = c switch
            {
                '\a' => output.Append("\\a"),
                '\b' => output.Append("\\b"),
                '\f' => output.Append("\\f"),
                '\n' => output.Append("\\n"),
                '\r' => output.Append("\\r"),
                '\t' => output.Append("\\t"),
                '\v' => output.Append("\\v"),
                '\\' or '"' => output.Append('\\').Append(c),
                _ => output.Append(c),
            };
        }

        return output.Append('"').ToString();
    }

    private static Rune[] Runes(CelValue value, CelMeter meter)
    {
        var text = ((CelString)value).Value;
        meter.SpendText(text.Length);
        return [.. text.EnumerateRunes()];
    }

    private static CelFault OutOfRange(long index) => new(FormattableString.Invariant($"index out of range: {index}"));
}
