namespace Capstan.Cel;

/// <summary>Arithmetic that fails rather than wraps, and comparison of numbers of different types.</summary>
internal static class Numbers
{
    private const double TwoTo63 = 9223372036854775808.0;
    private const double TwoTo64 = 18446744073709551616.0;

    private static readonly CelFault UnsignedOverflow = new("unsigned integer overflow");
    private static readonly CelFault DividedByZero = new("division by zero");
    private static readonly CelFault ModulusByZero = new("modulus by zero");

    public static bool IsNumber(CelValue value) => value is CelInt or CelUInt or CelDouble;

    public static double AsDouble(CelValue value) => value switch
    {
        CelInt number => number.Value,
        CelUInt number => number.Value,
        CelDouble number => number.Value,
        _ => double.NaN,
    };

    /// <summary>Below, equal or above; null where either is no number.</summary>
    public static int? Compare(CelValue a, CelValue b) => (a, b) switch
    {
        (CelInt x, CelInt y) => x.Value.CompareTo(y.Value),
        (CelUInt x, CelUInt y) => x.Value.CompareTo(y.Value),
        (CelInt x, CelUInt y) => x.Value < 0 ? -1 : ((ulong)x.Value).CompareTo(y.Value),
        (CelUInt x, CelInt y) => y.Value < 0 ? 1 : x.Value.CompareTo((ulong)y.Value),
        (CelDouble x, CelDouble y) => Doubles(x.Value, y.Value),
        (CelDouble x, CelInt y) => WithDouble(x.Value, y.Value),
        (CelInt x, CelDouble y) => -WithDouble(y.Value, x.Value),
        (CelDouble x, CelUInt y) => WithDouble(x.Value, y.Value),
        (CelUInt x, CelDouble y) => -WithDouble(y.Value, x.Value),
        _ => null,
    };

    public static CelValue Add(long a, long b) => Fits((Int128)a + b);

    public static CelValue Subtract(long a, long b) => Fits((Int128)a - b);

    public static CelValue Multiply(long a, long b) => Fits((Int128)a * b);

    public static CelValue Divide(long a, long b) => b == 0 ? DividedByZero : Fits((Int128)a / b);

    public static CelValue Modulo(long a, long b) => b == 0 ? ModulusByZero : a == long.MinValue && b == -1 ? CelFault.Overflow : new CelInt(a % b);

    public static CelValue Negate(long a) => a == long.MinValue ? CelFault.Overflow : new CelInt(-a);

    public static CelValue Add(ulong a, ulong b) => FitsUnsigned((Int128)a + b);

    public static CelValue Subtract(ulong a, ulong b) => FitsUnsigned((Int128)a - b);

    public static CelValue Multiply(ulong a, ulong b) => FitsUnsigned(Math.BigMul(a, b, out var low) == 0 ? low : -1);

    public static CelValue Divide(ulong a, ulong b) => b == 0 ? DividedByZero : new CelUInt(a / b);

    public static CelValue Modulo(ulong a, ulong b) => b == 0 ? ModulusByZero : new CelUInt(a % b);

    public static CelValue ToInt(double value) => value > -TwoTo63 && value < TwoTo63 ? new CelInt((long)value) : CelFault.Overflow;

    public static CelValue ToUInt(double value) => value >= 0 && value < TwoTo64 ? new CelUInt((ulong)value) : UnsignedOverflow;

    public static CelValue ToInt(ulong value) => value <= long.MaxValue ? new CelInt((long)value) : CelFault.Overflow;

    public static CelValue ToUInt(long value) => value >= 0 ? new CelUInt((ulong)value) : UnsignedOverflow;

    private static CelValue Fits(Int128 value) => value >= long.MinValue && value <= long.MaxValue ? new CelInt((long)value) : CelFault.Overflow;

    private static CelValue FitsUnsigned(Int128 value) => value >= 0 && value <= ulong.MaxValue ? new CelUInt((ulong)value) : UnsignedOverflow;

    private static int? Doubles(double a, double b) => double.IsNaN(a) || double.IsNaN(b) ? null : a.CompareTo(b);

    // The whole number becomes a double and may lose digits, as in Google's implementation.
    private static int? WithDouble(double a, double b) => double.IsNaN(a) ? null : a.CompareTo(b);
}
