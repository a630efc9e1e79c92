using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Capstan.GoTemplates;
using Capstan.Yaml;

namespace Capstan.Helm.Data;

/// <summary>JSON as Go's encoding/json writes it.</summary>
internal static class GoJson
{
    /// <summary>Writes a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="escapeHtml">Whether &lt;, &gt; and &amp; are escaped.</param>
    /// <param name="indent">Whether it is written on several lines, two spaces a level.</param>
    /// <exception cref="GoException">The value has no JSON form.</exception>
    public static string Write(object? value, bool escapeHtml = true, bool indent = false)
    {
        var output = new StringBuilder();
        Write(output, GoTree.ToTree(value), escapeHtml, indent ? 0 : -1);
        return output.ToString();
    }

    /// <summary>The text with every byte that is no UTF-8 replaced.</summary>
    public static string Valid(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0)
        {
            return text;
        }

        var output = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            output.Append(rune.ToString());
        }

        return output.ToString();
    }

    private static void Write(StringBuilder output, YamlNode node, bool escapeHtml, int depth)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (node)
        {
            case YamlMap { Count: 0 }:
                output.Append("{}");
                break;
            case YamlList { Count: 0 }:
                output.Append("[]");
                break;
            case YamlMap map:
                output.Append('{');
                for (var i = 0; i < map.Count; i++)
                {
                    Separate(output, i, depth);
                    Text(output, map[i].Key, escapeHtml);
                    output.Append(depth >= 0 ? ": " : ":");
                    Write(output, map[i].Value, escapeHtml, depth < 0 ? depth : depth + 1);
                }

                Close(output, depth);
                output.Append('}');
                break;
            case YamlList list:
                output.Append('[');
                for (var i = 0; i < list.Count; i++)
                {
                    Separate(output, i, depth);
                    Write(output, list[i], escapeHtml, depth < 0 ? depth : depth + 1);
                }

                Close(output, depth);
                output.Append(']');
                break;
            case YamlScalar { Kind: ScalarKind.String } text:
                Text(output, text.Text, escapeHtml);
                break;
            case YamlScalar other:
                output.Append(other.Text);
                break;
        }
    }

    private static void Separate(StringBuilder output, int index, int depth)
    {
        if (index > 0)
        {
            output.Append(',');
        }

        if (depth >= 0)
        {
            output.Append('\n').Append(' ', (depth + 1) * 2);
        }
    }

    private static void Close(StringBuilder output, int depth)
    {
        if (depth >= 0)
        {
            output.Append('\n').Append(' ', depth * 2);
        }
    }

    private static void Text(StringBuilder output, string text, bool escapeHtml)
    {
        output.Append('"');
        foreach (var c in text)
        {
            switch (c)
            {
                case '"' or '\\':
                    output.Append('\\').Append(c);
                    break;
                case '\b':
                    output.Append("\\b");
                    break;
                case '\f':
                    output.Append("\\f");
                    break;
                case '\n':
                    output.Append("\\n");
                    break;
                case '\r':
                    output.Append("\\r");
                    break;
                case '\t':
                    output.Append("\\t");
                    break;
                case '<' or '>' or '&' when escapeHtml:
                case < ' ' or '\u2028' or '\u2029':
                    output.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
                    break;
                default:
                    output.Append(c);
                    break;
            }
        }

        output.Append('"');
    }
}
