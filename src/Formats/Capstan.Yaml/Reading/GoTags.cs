namespace Capstan.Yaml;

/// <summary>The tags that go-yaml knows.</summary>
internal static class GoTags
{
    public const string Prefix = "tag:yaml.org,2002:";
    public const string String = Prefix + "str";
    public const string Boolean = Prefix + "bool";
    public const string Integer = Prefix + "int";
    public const string Float = Prefix + "float";
    public const string Null = Prefix + "null";
    public const string Timestamp = Prefix + "timestamp";
    public const string Binary = Prefix + "binary";
    public const string Merge = Prefix + "merge";

    /// <summary>The tag as a person writes it: <c>!!str</c>.</summary>
    public static string Short(string tag) => tag.StartsWith(Prefix, StringComparison.Ordinal) ? $"!!{tag[Prefix.Length..]}" : tag;
}
