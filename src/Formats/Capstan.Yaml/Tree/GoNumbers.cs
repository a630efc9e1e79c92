using System.Globalization;

namespace Capstan.Yaml;

/// <summary>Numbers as Go's encoding/json writes them, which is what the Kubernetes API stores and answers.</summary>
public static class GoNumbers
{
    /// <summary>
    /// The shortest text that reads back as the same number: plain digits between 1e-6 and 1e21, an exponent without a leading zero
    /// outside (Go, encoding/json, floatEncoder).
    /// </summary>
    public static string Format(double number)
    {
        var shortest = number.ToString("R", CultureInfo.InvariantCulture);
        var exponentAt = shortest.IndexOf('E', StringComparison.Ordinal);
        if (exponentAt < 0)
        {
            return shortest;
        }

        var magnitude = Math.Abs(number);
        if (magnitude is < 1e-6 or >= 1e21)
        {
            // .NET writes 1E-07 and 1E+21 where Go writes 1e-7 and 1e+21.
            var digits = shortest[(exponentAt + 2)..].TrimStart('0');
            return $"{shortest[..exponentAt]}e{shortest[exponentAt + 1]}{digits}";
        }

        // Between 1e-6 and 1e21 a decimal holds every shortest double exactly, and writes it without an exponent.
        return decimal.Parse(shortest, NumberStyles.Float, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
    }
}
