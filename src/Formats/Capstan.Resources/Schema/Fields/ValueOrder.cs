using System.Runtime.CompilerServices;
using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>The order of values within field sets: numbers, strings, booleans, lists, maps, null.</summary>
internal static class ValueOrder
{
    public static int Compare(YamlNode left, YamlNode right)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var rank = Rank(left).CompareTo(Rank(right));
        if (rank != 0)
        {
            return rank;
        }

        switch (left, right)
        {
            case (YamlScalar { IsNumber: true } a, YamlScalar b):
                return a.TryGetInteger(out var i) && b.TryGetInteger(out var j) ? i.CompareTo(j) : a.AsDouble().CompareTo(b.AsDouble());
            case (YamlScalar a, YamlScalar b):
                return string.CompareOrdinal(a.Text, b.Text);
            case (YamlList a, YamlList b):
                return CompareItems(a, b);
            default:
                return CompareMaps((YamlMap)left, (YamlMap)right);
        }
    }

    private static int CompareItems(YamlList left, YamlList right)
    {
        for (var i = 0; i < left.Count && i < right.Count; i++)
        {
            var order = Compare(left[i], right[i]);
            if (order != 0)
            {
                return order;
            }
        }

        return left.Count.CompareTo(right.Count);
    }

    private static int CompareMaps(YamlMap left, YamlMap right)
    {
        var (a, b) = (left.OrderBy(e => e.Key, StringComparer.Ordinal).ToArray(), right.OrderBy(e => e.Key, StringComparer.Ordinal).ToArray());
        for (var i = 0; i < a.Length && i < b.Length; i++)
        {
            var name = string.CompareOrdinal(a[i].Key, b[i].Key);
            var order = name != 0 ? name : Compare(a[i].Value, b[i].Value);
            if (order != 0)
            {
                return order;
            }
        }

        return a.Length.CompareTo(b.Length);
    }

    private static int Rank(YamlNode node) => node switch
    {
        YamlScalar { IsNumber: true } => 0,
        YamlScalar { Kind: ScalarKind.String } => 1,
        YamlScalar { Kind: ScalarKind.Boolean } => 2,
        YamlList => 3,
        YamlMap => 4,
        _ => 5,
    };
}
