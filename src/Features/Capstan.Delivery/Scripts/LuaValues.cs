using System.Globalization;
using System.Text;
using Capstan.Yaml;
using KeraLua;

namespace Capstan.Delivery.Scripts;

/// <summary>Reads what a script returned from Lua's stack. It calls nothing that runs code of the script.</summary>
internal static class LuaValues
{
    private const int Deepest = 200;
    private const int MostNodes = 500_000;

    /// <exception cref="FormatException">It is no data: a function, a key that is no text, a table within itself.</exception>
    public static YamlNode? Read(Lua lua, int index)
    {
        var left = MostNodes;
        return Read(lua, index, 0, ref left);
    }

    private static YamlNode? Read(Lua lua, int index, int depth, ref int left)
    {
        if (depth > Deepest || --left < 0 || !lua.CheckStack(4))
        {
            throw new FormatException("the script returned a table that is too deep or too large");
        }

        return lua.Type(index) switch
        {
            LuaType.Nil or LuaType.None => null,
            LuaType.Boolean => lua.ToBoolean(index),
            LuaType.Number => Number(lua, index),
            LuaType.String => Encoding.UTF8.GetString(lua.ToBuffer(index)),
            LuaType.Table => Table(lua, lua.AbsIndex(index), depth, ref left),
            var other => throw new FormatException($"the script returned a {other.ToString().ToLowerInvariant()}, which is no data"),
        };
    }

    private static YamlNode Number(Lua lua, int index)
    {
        if (lua.IsInteger(index))
        {
            return lua.ToInteger(index);
        }

        // Lua 5.1, for which most scripts are written, has one kind of number.
        var number = lua.ToNumber(index);
        return double.IsFinite(number) && number == Math.Floor(number) && Math.Abs(number) < 1e15
            ? (long)number
            : JsonText.Read(double.IsFinite(number) ? number.ToString("R", CultureInfo.InvariantCulture) : "null");
    }

    // A table whose keys are 1 to n is a list.
    private static YamlNode Table(Lua lua, int index, int depth, ref int left)
    {
        var items = new SortedDictionary<long, YamlNode>();
        var fields = new YamlMapBuilder();
        lua.PushNil();
        while (lua.Next(index))
        {
            var value = Read(lua, -1, depth + 1, ref left);
            lua.Pop(1);
            if (value is null)
            {
                continue;
            }

            if (lua.IsInteger(-1))
            {
                items[lua.ToInteger(-1)] = value;
            }
            else if (lua.Type(-1) == LuaType.String)
            {
                fields.Set(Encoding.UTF8.GetString(lua.ToBuffer(-1)), value);
            }
            else
            {
                throw new FormatException("the script returned a table with a key that is neither text nor a whole number");
            }
        }

        if (fields.Count == 0 && items.Count > 0 && items.First().Key == 1 && items.Last().Key == items.Count)
        {
            return new YamlList(items.Values);
        }

        foreach (var (key, value) in items)
        {
            fields.Set(key.ToString(CultureInfo.InvariantCulture), value);
        }

        return fields.ToMap();
    }
}
