using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Capstan.GoTemplates;

namespace Capstan.Helm.Data;

/// <summary>TOML as BurntSushi/toml writes it: plain keys first, then tables, each sorted, two spaces a level.</summary>
internal sealed class TomlWriter
{
    private readonly StringBuilder _output = new();
    private bool _hasWritten;

    /// <summary>Writes a map.</summary>
    /// <exception cref="GoException">The value has no TOML form.</exception>
    public static string Write(object? value)
    {
        var writer = new TomlWriter();
        if (value is GoList list && !IsTable(list))
        {
            writer.Element(list);
            return writer._output.ToString();
        }

        if (value is not GoMap map)
        {
            throw new GoException("toml: top-level values must be Go maps or structs");
        }

        writer.Map([], map);
        return writer._output.ToString();
    }

    private void Map(string[] path, GoMap map)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        foreach (var key in map.SortedKeys.Where(k => !IsTable(map[k])))
        {
            if (map[key] is { } value)
            {
                Append(Indent([.. path, key]));
                Append(Key(key) + " = ");
                Element(value);
                Newline();
            }
        }

        foreach (var key in map.SortedKeys.Where(k => IsTable(map[k])))
        {
            string[] inner = [.. path, key];
            if (map[key] is GoMap table)
            {
                if (inner.Length == 1)
                {
                    Newline();
                }

                Append($"{Indent(inner)}[{string.Join('.', inner.Select(Key))}]");
                Newline();
                Map(inner, table);
            }
            else if (map[key] is GoList tables)
            {
                Tables(inner, tables);
            }
        }
    }

    private void Tables(string[] path, GoList tables)
    {
        for (var i = 0; i < tables.Count; i++)
        {
            Newline();
            Append($"{Indent(path)}[[{string.Join('.', path.Select(Key))}]]");
            Newline();
            Map(path, (GoMap)tables[i]!);
        }
    }

    private void Element(object? value)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (value)
        {
            case string text:
                Append(Quote(text));
                break;
            case bool flag:
                Append(flag ? "true" : "false");
                break;
            case double number:
                Append(Number(number));
                break;
            case float number:
                Append(Number(number));
                break;
            case GoMap map:
                Append("{");
                var keys = map.SortedKeys.Where(k => map[k] is not null).OrderBy(k => IsTable(map[k])).ToArray();
                for (var i = 0; i < keys.Length; i++)
                {
                    Append((i > 0 ? ", " : "") + Key(keys[i]) + " = ");
                    Element(map[keys[i]]);
                }

                Append("}");
                break;
            case GoList list:
                Append("[");
                for (var i = 0; i < list.Count; i++)
                {
                    Append(i > 0 ? ", " : "");
                    Element(list[i] ?? throw new GoException("toml: cannot encode array with nil element"));
                }

                Append("]");
                break;
            default:
                Append(GoValues.TryGetInteger(value, out var integer)
                    ? integer.ToString(CultureInfo.InvariantCulture)
                    : throw new GoException($"unsupported type: {GoType.Of(value).KindName}"));
                break;
        }
    }

    private static bool IsTable(object? value)
    {
        if (value is GoMap)
        {
            return true;
        }

        if (value is not GoList { Count: > 0 } list)
        {
            return false;
        }

        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] is not GoMap)
            {
                return list[i] is null ? throw new GoException("toml: cannot encode array with nil element") : false;
            }
        }

        return true;
    }

    private static string Number(double number)
    {
        if (double.IsNaN(number))
        {
            return "nan";
        }

        if (double.IsInfinity(number))
        {
            return number > 0 ? "inf" : "-inf";
        }

        // Exponents keep numbers apart that plain digits would stretch.
        var text = GoFloat.Format(number, 'g', -1);
        var exponent = text.IndexOf('e', StringComparison.Ordinal);
        var mantissa = exponent < 0 ? text : text[..exponent];
        return exponent < 0 && !mantissa.Contains('.', StringComparison.Ordinal) ? text + ".0" : text;
    }

    private static string Quote(string text)
    {
        var output = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            output.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\b' => "\\b",
                '\t' => "\\t",
                '\n' => "\\n",
                '\f' => "\\f",
                '\r' => "\\r",
                < ' ' or '\x7f' => $"\\u{(int)c:x4}",
                _ => c.ToString(),
            });
        }

        return output.Append('"').ToString();
    }

    private static string Key(string key) =>
        key.Length > 0 && key.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? key : Quote(key);

    private static string Indent(string[] path) => new(' ', 2 * (path.Length - 1));

    private void Append(string text)
    {
        _hasWritten |= text.Length > 0;
        _output.Append(text);
    }

    private void Newline()
    {
        if (_hasWritten)
        {
            _output.Append('\n');
        }
    }
}
