using Capstan.GoTemplates;
using Capstan.Helm.Charts;
using Capstan.Helm.Functions;
using Capstan.Helm.Values;
using Capstan.Scalars;

namespace Capstan.Helm.Dependencies;

/// <summary>Switches subcharts on and off by conditions and tags, gives aliases, and brings imported values up (Helm, dependencies.go).</summary>
internal sealed class DependencyProcessing(ICollection<string> warnings)
{
    private readonly Coalescing _coalescing = new(merge: false, warnings);
    private readonly Coalescing _merging = new(merge: true, warnings);

    /// <summary>Changes a chart, which must be a copy.</summary>
    /// <exception cref="ChartException">Values do not fit the chart.</exception>
    public void Process(Chart chart, GoMap values)
    {
        Enable(chart, values, "");
        Import(chart);
    }

    /// <summary>Whether a version is in a range; false when either cannot be read.</summary>
    internal static bool IsCompatible(string range, string version) =>
        SemanticVersion.TryParse(version, out var read) && VersionRange.TryParse(range, out var wanted) && wanted.Holds(read);

    private void Enable(Chart chart, GoMap values, string path)
    {
        if (chart.Metadata.Dependencies is not { } wanted)
        {
            return;
        }

        var charts = chart.Dependencies.Where(c => !wanted.Any(w => Fits(w, c))).ToList();
        foreach (var dependency in wanted)
        {
            if (chart.Dependencies.FirstOrDefault(c => Fits(dependency, c)) is { } found)
            {
                charts.Add(Aliased(found, dependency.Alias));
            }

            if (dependency.Alias.Length > 0)
            {
                dependency.Name = dependency.Alias;
            }
        }

        chart.Dependencies = charts;
        var joined = _coalescing.Values(chart, values);
        foreach (var dependency in wanted)
        {
            dependency.Enabled = true;
        }

        Tags(wanted, joined);
        Conditions(wanted, joined, path);
        var disabled = wanted.Where(static d => !d.Enabled).Select(static d => d.Name).ToHashSet(StringComparer.Ordinal);
        var kept = charts.Where(c => !disabled.Contains(c.Name)).ToList();
        foreach (var child in kept)
        {
            Enable(child, joined, $"{path}{child.Name}.");
        }

        chart.Metadata.Dependencies = [.. wanted.Where(d => !disabled.Contains(d.Name))];
        chart.Dependencies = kept;
    }

    private static bool Fits(ChartDependency dependency, Chart chart) =>
        chart.Name == dependency.Name && IsCompatible(dependency.Version, chart.Metadata.Version);

    private static Chart Aliased(Chart chart, string alias)
    {
        var copy = chart.Copy();
        if (alias.Length > 0)
        {
            copy.Metadata.Name = alias;
        }

        return copy;
    }

    private void Tags(IReadOnlyList<ChartDependency> dependencies, GoMap values)
    {
        if (values["tags"] is not GoMap tags)
        {
            return;
        }

        foreach (var dependency in dependencies)
        {
            bool anyOn = false, anyOff = false;
            foreach (var tag in dependency.Tags)
            {
                if (!tags.TryGetValue(tag, out var value))
                {
                    continue;
                }

                if (value is bool on)
                {
                    anyOn |= on;
                    anyOff |= !on;
                }
                else
                {
                    warnings.Add($"returned non-bool value: tag {tag} of chart {dependency.Name}");
                }
            }

            dependency.Enabled = anyOn || !anyOff;
        }
    }

    private void Conditions(IReadOnlyList<ChartDependency> dependencies, GoMap values, string path)
    {
        foreach (var dependency in dependencies)
        {
            foreach (var condition in dependency.Condition.Trim().Split(',', StringSplitOptions.RemoveEmptyEntries))
            {
                if (!ValuePath.TryGet(values, path + condition, out var value))
                {
                    continue;
                }

                if (value is bool enabled)
                {
                    dependency.Enabled = enabled;
                    break;
                }

                warnings.Add($"returned non-bool value: path {condition} of chart {dependency.Name}");
            }
        }
    }

    private void Import(Chart chart)
    {
        foreach (var child in chart.Dependencies)
        {
            Import(child);
        }

        if (chart.Metadata.Dependencies is not { } dependencies)
        {
            return;
        }

        // Merging the values of all charts is needed only where something is imported, but it also keeps the nulls of subcharts.
        var values = _merging.Values(chart, new GoMap());
        var imported = new GoMap();
        foreach (var dependency in dependencies)
        {
            var resolved = new List<object?>();
            for (var i = 0; i < dependency.ImportValues.Count; i++)
            {
                var (child, parent) = Import(dependency.ImportValues[i]);
                if (child is null)
                {
                    continue;
                }

                resolved.Add(new GoMap(GoType.MapOfString) { ["child"] = child, ["parent"] = parent });
                if (ValuePath.Table(values, $"{dependency.Name}.{child}") is not { } table)
                {
                    warnings.Add($"ImportValues missing table from chart {dependency.Name}: {GoQuote.Quote(child)} is not a table");
                    continue;
                }

                imported = _merging.Tables(imported, Nested(parent, table));
            }

            dependency.ImportValues = resolved.Count == 0 ? GoArray.Nil : new GoArray([.. resolved]);
        }

        chart.Values = _merging.Tables((GoMap)MapFunctions.DeepCopy(values)!, imported);
    }

    private static (string? Child, string Parent) Import(object? value) => value switch
    {
        string name => ("exports." + name, "."),
        GoMap map => (GoFormat.Sprint(map["child"]), GoFormat.Sprint(map["parent"])),
        _ => (null, ""),
    };

    private static GoMap Nested(string path, GoMap table)
    {
        if (path == ".")
        {
            return table;
        }

        foreach (var part in path.Split('.').Reverse())
        {
            table = new GoMap { [part] = table };
        }

        return table;
    }
}
