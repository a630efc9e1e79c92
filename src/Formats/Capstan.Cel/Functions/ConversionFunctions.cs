using System.Globalization;
using System.Text;

namespace Capstan.Cel.Functions;

/// <summary>From one type to another.</summary>
internal static class ConversionFunctions
{
    private static readonly HashSet<string> True = ["1", "t", "true", "TRUE", "True"];
    private static readonly HashSet<string> False = ["0", "f", "false", "FALSE", "False"];

    public static readonly IReadOnlyList<CelFunction> All =
    [
        CelFunction.Global("int", 1, (a, _) => Int(a[0])),
        CelFunction.Global("uint", 1, (a, _) => UInt(a[0])),
        CelFunction.Global("double", 1, (a, _) => Double(a[0])),
        CelFunction.Global("bool", 1, (a, _) => Bool(a[0])),
        CelFunction.Global("string", 1, (a, _) => CelText.Convert(a[0]) is { } text ? CelValue.Of(text) : a[0] is CelBytes ? new CelFault("invalid UTF-8 in bytes, cannot convert to string") : CelFault.NoOverload),
        CelFunction.Global("bytes", 1, (a, _) => a[0] is CelString text ? new CelBytes(Encoding.UTF8.GetBytes(text.Value)) : a[0] is CelBytes ? a[0] : CelFault.NoOverload),
        CelFunction.Global("base64.encode", 1, (a, meter) => Encode(a[0], meter)),
        CelFunction.Global("base64.decode", 1, (a, meter) => Decode(a[0], meter)),
    ];

    private static CelValue Int(CelValue value) => value switch
    {
        CelInt => value,
        CelUInt number => Numbers.ToInt(number.Value),
        CelDouble number => Numbers.ToInt(number.Value),
        CelString text => long.TryParse(text.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? CelValue.Of(number) : Bad(text, "int"),
        CelTimestamp time => CelValue.Of(time.Value.ToUnixTimeSeconds()),
        _ => CelFault.NoOverload,
    };

    private static CelValue UInt(CelValue value) => value switch
    {
        CelUInt => value,
        CelInt number => Numbers.ToUInt(number.Value),
        CelDouble number => Numbers.ToUInt(number.Value),
        CelString text => ulong.TryParse(text.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? new CelUInt(number) : Bad(text, "uint"),
        _ => CelFault.NoOverload,
    };

    private static CelValue Double(CelValue value) => value switch
    {
        CelDouble => value,
        CelInt or CelUInt => CelValue.Of(Numbers.AsDouble(value)),
        CelString text => double.TryParse(text.Value, NumberStyles.Float & ~NumberStyles.AllowLeadingWhite & ~NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number)
            ? CelValue.Of(number) : Bad(text, "double"),
        _ => CelFault.NoOverload,
    };

    private static CelValue Bool(CelValue value) => value switch
    {
        CelBool => value,
        CelString text when True.Contains(text.Value) => CelBool.True,
        CelString text when False.Contains(text.Value) => CelBool.False,
        CelString text => Bad(text, "bool"),
        _ => CelFault.NoOverload,
    };

    private static CelValue Encode(CelValue value, CelMeter meter)
    {
        if (value is not CelBytes bytes) return CelFault.NoOverload;
        meter.SpendText(bytes.Value.Length);
        return CelValue.Of(Convert.ToBase64String(bytes.Value));
    }

    private static CelValue Decode(CelValue value, CelMeter meter)
    {
        if (value is not CelString text) return CelFault.NoOverload;
        meter.SpendText(text.Value.Length);
        var padded = text.Value.PadRight((text.Value.Length + 3) / 4 * 4, '=');
        var buffer = new byte[padded.Length / 4 * 3];
        return Convert.TryFromBase64String(padded, buffer, out var length) ? new CelBytes(buffer[..length]) : new CelFault("illegal base64 data");
    }

    private static CelFault Bad(CelString text, string type) => new($"cannot convert \"{CelText.Show(text)}\" to {type}");
}
