using System.Runtime.CompilerServices;
using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>The JSON form of field sets: an empty map is a path, <c>.</c> says that the path above is one too.</summary>
internal static class FieldSetJson
{
    private const string Self = ".";

    public static FieldSet Parse(YamlNode node)
    {
        if (node is not YamlMap map)
        {
            throw new FormatException($"fieldsV1 must be a map, it is {node.Description}");
        }

        var builder = new FieldSetBuilder();
        Parse(map, builder);
        return builder.ToSet();
    }

    public static YamlMap Write(FieldSet set)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var members = set.Members;
        var children = set.Children;
        var result = new YamlMapBuilder(members.Length + children.Length);
        var (m, c) = (0, 0);
        while (m < members.Length || c < children.Length)
        {
            var order = m == members.Length ? 1 : c == children.Length ? -1 : members[m].CompareTo(children[c].Element);
            if (order < 0)
            {
                result.Set(members[m++].ToManagedFieldsKey(), YamlMap.Empty);
                continue;
            }

            var below = Write(children[c].Set);
            if (order == 0)
            {
                below = WithSelf(below);
                m++;
            }

            result.Set(children[c++].Element.ToManagedFieldsKey(), below);
        }

        return result.ToMap();
    }

    private static void Parse(YamlMap map, FieldSetBuilder builder)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        foreach (var (key, value) in map)
        {
            if (key == Self)
            {
                continue;
            }

            var element = PathElement.Parse(key);
            var below = value as YamlMap ?? throw new FormatException($"\"{key}\" in fieldsV1 must be a map, it is {value.Description}");
            if (below.Count == 0 || below.ContainsKey(Self))
            {
                builder.AddMember(element);
            }

            Parse(below, builder.Child(element));
        }
    }

    private static YamlMap WithSelf(YamlMap below)
    {
        var result = new YamlMapBuilder(below.Count + 1);
        result.Set(Self, YamlMap.Empty);
        foreach (var (key, value) in below)
        {
            result.Set(key, value);
        }

        return result.ToMap();
    }
}
