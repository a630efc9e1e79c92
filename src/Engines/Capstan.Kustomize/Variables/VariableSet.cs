using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Capstan.Kustomize.Fields;
using Capstan.Kustomize.Resources;
using Capstan.Kustomize.Spec;
using Capstan.Kustomize.Transformers.Replacements;
using Capstan.Yaml;

namespace Capstan.Kustomize.Variables;

/// <summary>The <c>vars</c> of a build, and the replacing of <c>$(NAME)</c> by their values.</summary>
internal sealed partial class VariableSet
{
    private readonly SortedDictionary<string, (VariableSpec Spec, string File)> _variables = new(StringComparer.Ordinal);

    /// <summary>Adds variables; the resources they are about learn of them now, while they have the names that the variables use.</summary>
    public void Add(IReadOnlyList<VariableSpec> variables, ResourceSet set, string file)
    {
        foreach (var variable in variables)
        {
            var target = variable.Target;
            var matches = target.Namespace.Length > 0 || Identity.ClusterScope.Contains(target.Gvk)
                ? set.WithAnyId(target)
                : [.. set.All.Where(r => r.AllIds().Any(id => id.Name == target.Name && id.Gvk == target.Gvk))];
            if (matches.Count > 1)
            {
                throw new KustomizeException(
                    $"found {matches.Count} resId matches for var {variable.Name} (unable to disambiguate): {string.Join(", ", matches.Select(m => m.Id.ForPeople))}",
                    file, variable.Position);
            }

            if (matches is [var one])
            {
                one.VariableNames.Add(variable.Name);
            }
        }

        foreach (var variable in variables)
        {
            Add(variable, file);
        }
    }

    public void AddAll(VariableSet other)
    {
        foreach (var (variable, file) in other._variables.Values)
        {
            Add(variable, file);
        }
    }

    /// <summary>Replaces all variables.</summary>
    /// <returns>The names of variables that nothing used.</returns>
    public IReadOnlyList<string> Resolve(ResourceSet set, IReadOnlyList<FieldSpec> fields)
    {
        if (_variables.Count == 0)
        {
            return [];
        }

        var holders = new Dictionary<string, Resource>(StringComparer.Ordinal);
        foreach (var resource in set.All)
        {
            foreach (var name in resource.VariableNames)
            {
                holders.TryAdd(name, resource);
            }
        }

        var values = new Dictionary<string, YamlNode>(StringComparer.Ordinal);
        foreach (var (name, (spec, file)) in _variables)
        {
            values[name] = holders.TryGetValue(name, out var holder)
                ? Value(holder, spec, file)
                : throw new KustomizeException($"var '{name}' cannot be mapped to a field in the set of known resources", file, spec.Position);
        }

        var used = new HashSet<string>(StringComparer.Ordinal);
        var walks = fields.Select(f => new FieldWalk(f, node => Set(node, values, used))).ToArray();
        foreach (var resource in set.All)
        {
            foreach (var walk in walks)
            {
                walk.Apply(resource);
            }
        }

        return [.. _variables.Keys.Where(name => !used.Contains(name))];
    }

    [GeneratedRegex(@"^(.*)\[(\d+)\]$", RegexOptions.NonBacktracking)]
    private static partial Regex Indexed();

    private static string[] Path(string text) => [.. FieldPaths.SplitDotted(text).SelectMany(part =>
        Indexed().Match(part) is { Success: true } match
            ? match.Groups[1].Length > 0 ? new[] { match.Groups[1].Value, match.Groups[2].Value } : [match.Groups[2].Value]
            : [part])];

    private static YamlNode Value(Resource holder, VariableSpec spec, string file)
    {
        try
        {
            return FieldPicker.Get(holder.Body, Path(spec.FieldPath))
                ?? throw new KustomizeException($"field specified in var '{spec.Name}' not found in corresponding resource: {holder.Id.ForPeople} has no {spec.FieldPath}");
        }
        catch (KustomizeException error)
        {
            throw error.At(file, spec.Position);
        }
    }

    private static YamlNode Set(YamlNode node, Dictionary<string, YamlNode> values, HashSet<string> used)
    {
        switch (node)
        {
            case YamlScalar { Kind: ScalarKind.String } text:
                return Expand(text, values, used);
            case YamlMap map:
                YamlMapBuilder? changed = null;
                foreach (var (key, value) in map)
                {
                    if (value is YamlScalar { Kind: ScalarKind.String } entry && !ReferenceEquals(Expand(entry, values, used), entry))
                    {
                        (changed ??= map.ToBuilder()).Set(key, Expand(entry, values, used));
                    }
                }

                return changed?.ToMap(map.Position) ?? map;
            case YamlList list:
                return new YamlList(list.Select(item => item is YamlScalar { Kind: ScalarKind.String } text
                    ? Expand(text, values, used)
                    : throw new KustomizeException($"invalid value type expect a string, found {item.Description}")), list.Position);
            default:
                return node;
        }
    }

    private static YamlScalar Expand(YamlScalar text, Dictionary<string, YamlNode> values, HashSet<string> used)
    {
        var input = text.Source;
        if (!input.Contains('$', StringComparison.Ordinal))
        {
            return text;
        }

        var result = new StringBuilder();
        for (var i = 0; i < input.Length; i++)
        {
            if (input[i] != '$' || i + 1 == input.Length)
            {
                result.Append(input[i]);
                continue;
            }

            var close = input[i + 1] == '(' ? input.IndexOf(')', i + 2) : -1;
            if (close < 0)
            {
                // "$$" is a dollar sign; anything else stays.
                result.Append(input[i + 1] == '$' ? "$" : input.AsSpan(i, 2));
                i++;
                continue;
            }

            var name = input[(i + 2)..close];
            if (!values.TryGetValue(name, out var value) || value is not YamlScalar scalar)
            {
                result.Append(input.AsSpan(i, close + 1 - i));
            }
            else
            {
                used.Add(name);
                if (i == 0 && close == input.Length - 1)
                {
                    return Typed(scalar);
                }

                result.Append(Written(scalar));
            }

            i = close;
        }

        return new YamlScalar(result.ToString(), ScalarKind.String, ScalarStyle.Plain, text.Position);
    }

    private static YamlScalar Typed(YamlScalar value) => value.Kind is ScalarKind.String or ScalarKind.Null
        ? new YamlScalar(value.Source, ScalarKind.String)
        : new YamlScalar(value.Text, value.Kind);

    private static string Written(YamlScalar value) =>
        value.Kind == ScalarKind.Float ? value.AsDouble().ToString("R", CultureInfo.InvariantCulture) : value.IsNumber || value.Kind == ScalarKind.Boolean ? value.Text : value.Source;

    private void Add(VariableSpec variable, string file)
    {
        if (!_variables.TryAdd(variable.Name, (variable, file)))
        {
            throw new KustomizeException($"var '{variable.Name}' already encountered", file, variable.Position);
        }
    }
}
