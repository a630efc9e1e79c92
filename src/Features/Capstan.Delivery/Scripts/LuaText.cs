using System.Globalization;
using System.Text;
using Capstan.Yaml;

namespace Capstan.Delivery.Scripts;

/// <summary>
/// Writes a tree as the text of a Lua table. The text is loaded in protected mode like any script, so that memory that runs out or a tree that is
/// too deep is an error of the script and nothing more. Nulls are left out, as Lua has no others.
/// </summary>
internal static class LuaText
{
    public static string Of(YamlNode node)
    {
        var text = new StringBuilder();
        Write(node, text);
        return text.ToString();
    }

    private static void Write(YamlNode node, StringBuilder text)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (node)
        {
            case YamlMap map:
                text.Append('{');
                foreach (var (key, value) in map)
                {
                    if (!value.IsNull)
                    {
                        text.Append('[');
                        Quote(key, text);
                        text.Append("]=");
                        Write(value, text);
                        text.Append(',');
                    }
                }

                text.Append('}');
                break;
            case YamlList list:
                text.Append('{');
                foreach (var item in list)
                {
                    Write(item, text);
                    text.Append(',');
                }

                text.Append('}');
                break;
            case YamlScalar { Kind: ScalarKind.Integer } number when number.TryGetInteger(out var whole):
                text.Append(whole == long.MinValue ? "math.mininteger" : whole.ToString(CultureInfo.InvariantCulture));
                break;
            case YamlScalar { Kind: ScalarKind.Integer or ScalarKind.Float } number when double.TryParse(number.Text, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real):
                text.Append(real.ToString("R", CultureInfo.InvariantCulture));
                break;
            case YamlScalar { Kind: ScalarKind.Boolean } flag:
                text.Append(flag.Text == "true" ? "true" : "false");
                break;
            case YamlScalar { IsNull: true }:
                text.Append("nil");
                break;
            default:
                Quote(((YamlScalar)node).Text, text);
                break;
        }
    }

    public static void Quote(string value, StringBuilder text)
    {
        text.Append('"');
        foreach (var c in value)
        {
            _ = c is '"' or '\\' ? text.Append('\\').Append(c)
                : c < ' ' || c == 127 ? text.Append('\\').Append(((int)c).ToString("000", CultureInfo.InvariantCulture))
                : text.Append(c);
        }

        text.Append('"');
    }
}
