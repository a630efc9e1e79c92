using System.Runtime.CompilerServices;
using Capstan.GoTemplates;
using Capstan.Helm.Charts;
using Capstan.Helm.Functions;

namespace Capstan.Helm.Values;

/// <summary>Joins the user's values with the defaults of a chart and its subcharts, the user's first (Helm, coalesce.go).</summary>
/// <param name="merge">Whether nulls are kept (merging), or remove the default that they stand on (coalescing).</param>
/// <param name="warnings">Where what could not be joined is told.</param>
internal sealed class Coalescing(bool merge, ICollection<string> warnings)
{
    private const string Global = "global";

    /// <summary>The values of a chart. The maps given are not changed.</summary>
    /// <exception cref="ChartException">A subchart's values are no map.</exception>
    public GoMap Values(Chart chart, GoMap values)
    {
        var target = (GoMap)MapFunctions.DeepCopy(values)!;
        Chart(chart, target, "", merge);
        return target;
    }

    /// <summary>Lays a table under another.</summary>
    public GoMap Tables(GoMap target, GoMap source) => Table(target, source, "", merge);

    private static string Prefixed(string prefix, string name) => prefix.Length == 0 ? name : $"{prefix}.{name}";

    private void Chart(Chart chart, GoMap target, string prefix, bool merging)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        Defaults(chart, target, prefix, merging);
        foreach (var child in chart.Dependencies)
        {
            if (!target.TryGetValue(child.Name, out var known))
            {
                target[child.Name] = known = new GoMap();
            }

            var inner = known as GoMap ?? throw new ChartException($"type mismatch on {child.Name}: %!t({GoType.Of(known)}={GoFormat.Sprint(known)})");
            var childPrefix = Prefixed(prefix, chart.Name);
            Globals(inner, target, childPrefix);
            Chart(child, inner, childPrefix, merging);
        }
    }

    private void Defaults(Chart chart, GoMap target, string prefix, bool merging)
    {
        var childPrefix = Prefixed(prefix, chart.Name);
        var defaults = (GoMap)MapFunctions.DeepCopy(chart.Values)!;
        foreach (var key in defaults.SortedKeys)
        {
            var value = defaults[key];
            if (!target.TryGetValue(key, out var given))
            {
                target[key] = value;
            }
            else if (given is null && !merging)
            {
                target.Remove(key);
            }
            else if (given is GoMap givenMap)
            {
                if (value is GoMap defaultMap)
                {
                    var isChild = chart.Dependencies.Any(d => d.Name == key);
                    Table(givenMap, defaultMap, Prefixed(childPrefix, key), merging || isChild);
                }
                else if (value is not null)
                {
                    warnings.Add($"warning: skipped value for {childPrefix}.{key}: Not a table.");
                }
            }
        }
    }

    private void Globals(GoMap target, GoMap source, string prefix)
    {
        var into = target.TryGetValue(Global, out var known) ? known as GoMap : new GoMap();
        var from = source.TryGetValue(Global, out known) ? known as GoMap : new GoMap();
        if (into is null || from is null)
        {
            warnings.Add($"warning: skipping globals because {(into is null ? "destination" : "source")} {Global} is not a table.");
            return;
        }

        foreach (var key in from.SortedKeys)
        {
            var value = from[key];
            var present = into.TryGetValue(key, out var given);
            if (value is GoMap map)
            {
                var copy = new GoMap(map, GoType.MapOfAny);
                if (!present)
                {
                    into[key] = copy;
                }
                else if (given is GoMap givenMap)
                {
                    Table(copy, givenMap, Prefixed(prefix, key), merging: true);
                    into[key] = copy;
                }
                else
                {
                    warnings.Add($"Conflict: cannot merge map onto non-map for {GoQuote.Quote(key)}. Skipping.");
                }
            }
            else if (given is GoMap)
            {
                warnings.Add($"key {key} is table. Skipping");
            }
            else
            {
                into[key] = value;
            }
        }

        target[Global] = into;
    }

    private GoMap Table(GoMap target, GoMap source, string prefix, bool merging)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var filled = source.SortedKeys.Where(key => source[key] is not null).ToHashSet(StringComparer.Ordinal);
        foreach (var key in target.SortedKeys)
        {
            if (target[key] is null)
            {
                source[key] = null;
            }
        }

        foreach (var key in source.SortedKeys)
        {
            var value = source[key];
            var present = target.TryGetValue(key, out var given);
            if (present && !merging && given is null && filled.Contains(key))
            {
                target.Remove(key);
            }
            else if (!present)
            {
                target[key] = value;
            }
            else if (value is GoMap map)
            {
                if (given is GoMap givenMap)
                {
                    Table(givenMap, map, Prefixed(prefix, key), merging);
                }
                else
                {
                    warnings.Add($"warning: cannot overwrite table with non table for {Prefixed(prefix, key)} ({GoFormat.Sprint(value)})");
                }
            }
            else if (given is GoMap && value is not null)
            {
                warnings.Add($"warning: destination for {Prefixed(prefix, key)} is a table. Ignoring non-table value ({GoFormat.Sprint(value)})");
            }
        }

        return target;
    }
}
