using Capstan.GoTemplates;

namespace Capstan.Helm.Values;

/// <summary>Looks values up by a path of keys with dots.</summary>
internal static class ValuePath
{
    /// <summary>The map at a path, or null when there is none.</summary>
    public static GoMap? Table(GoMap values, string path)
    {
        GoMap? table = values;
        foreach (var part in path.Split('.'))
        {
            table = table?[part] as GoMap;
        }

        return table;
    }

    /// <summary>The value (no map) at a path.</summary>
    public static bool TryGet(GoMap values, string path, out object? value)
    {
        var dot = path.LastIndexOf('.');
        var table = dot < 0 ? values : Table(values, path[..dot]);
        value = null;
        return table is not null && table.TryGetValue(path[(dot + 1)..], out value) && value is not GoMap;
    }
}
