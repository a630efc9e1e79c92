namespace Capstan.LocalCluster.ApiServer.Expressions;

/// <summary>
/// Fields whose names are no identifiers of CEL are written escaped
/// (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules).
/// </summary>
internal static class FieldNames
{
    private static readonly (string Escaped, string Plain)[] Escapes = [("__underscores__", "__"), ("__dot__", "."), ("__dash__", "-"), ("__slash__", "/")];

    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while",
    };

    /// <summary>The field's own name.</summary>
    public static string Unescape(string name)
    {
        if (!name.Contains("__", StringComparison.Ordinal)) return name;
        if (name.StartsWith("__", StringComparison.Ordinal) && name.EndsWith("__", StringComparison.Ordinal) && name.Length > 4 && Reserved.Contains(name[2..^2])) return name[2..^2];
        return Escapes.Aggregate(name, (text, escape) => text.Replace(escape.Escaped, escape.Plain, StringComparison.Ordinal));
    }
}
