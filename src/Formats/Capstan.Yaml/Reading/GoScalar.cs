namespace Capstan.Yaml;

/// <summary>What a plain scalar is to go-yaml 2.</summary>
/// <param name="Tag">One of <see cref="GoTags"/>.</param>
/// <param name="Integer">Canonical digits, when it is an integer.</param>
/// <param name="Number">The value, when it is a float.</param>
/// <param name="Flag">The value, when it is a boolean.</param>
internal readonly record struct GoScalar(string Tag, string? Integer = null, double Number = 0, bool Flag = false)
{
    private static readonly GoScalar Text = new(GoTags.String);

    /// <summary>
    /// Resolves a scalar written without quotes. The first character decides what is tried, as in go-yaml 2, so that <c>0o17</c>,
    /// <c>017</c>, <c>0x1F</c>, <c>1_000</c> are integers, <c>08</c> is a float, and <c>1:30</c> (base 60) is text.
    /// </summary>
    public static GoScalar Resolve(string text, bool timestamps = true, YamlDialect dialect = YamlDialect.GoYaml2)
    {
        if (text.Length == 0)
        {
            return new GoScalar(GoTags.Null);
        }

        return text[0] switch
        {
            'y' or 'Y' or 'n' or 'N' or 't' or 'T' or 'f' or 'F' or 'o' or 'O' or '~' => Word(text, dialect),
            '.' => Word(text) is var word && word.Tag != GoTags.String ? word : GoFloats.TryParse(text, out var number) ? Real(number) : Text,
            '+' or '-' or (>= '0' and <= '9') => Numeric(text, timestamps),
            _ => Text,
        };
    }

    // go-yaml 3 has the booleans of YAML 1.2 alone.
    private static GoScalar Word(string text, YamlDialect dialect) =>
        dialect == YamlDialect.GoYaml3 && Word(text) is { Tag: GoTags.Boolean } && char.ToLowerInvariant(text[0]) is not ('t' or 'f') ? Text : Word(text);

    private static GoScalar Word(string text) => text switch
    {
        "y" or "Y" or "yes" or "Yes" or "YES" or "true" or "True" or "TRUE" or "on" or "On" or "ON" => new(GoTags.Boolean, Flag: true),
        "n" or "N" or "no" or "No" or "NO" or "false" or "False" or "FALSE" or "off" or "Off" or "OFF" => new(GoTags.Boolean),
        "~" or "null" or "Null" or "NULL" => new(GoTags.Null),
        ".nan" or ".NaN" or ".NAN" => Real(double.NaN),
        ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF" => Real(double.PositiveInfinity),
        "-.inf" or "-.Inf" or "-.INF" => Real(double.NegativeInfinity),
        _ => Text,
    };

    private static GoScalar Numeric(string text, bool timestamps)
    {
        var word = Word(text);
        if (word.Tag != GoTags.String)
        {
            return word;
        }

        if (timestamps && GoTimestamps.IsTimestamp(text))
        {
            return new GoScalar(GoTags.Timestamp);
        }

        var plain = text.Contains('_', StringComparison.Ordinal) ? text.Replace("_", "", StringComparison.Ordinal) : text;
        if (GoIntegers.TryParse(plain, out var integer))
        {
            return new GoScalar(GoTags.Integer, integer);
        }

        return GoFloats.IsYamlFloat(plain) && GoFloats.TryParse(plain, out var number) ? Real(number) : Text;
    }

    private static GoScalar Real(double number) => new(GoTags.Float, Number: number);
}
