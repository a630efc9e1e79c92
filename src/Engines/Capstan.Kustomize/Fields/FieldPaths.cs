namespace Capstan.Kustomize.Fields;

/// <summary>Paths of fields, split into parts.</summary>
internal static class FieldPaths
{
    /// <summary>Splits at a delimiter that no backslash precedes; one leading delimiter is skipped.</summary>
    public static string[] Split(string path, char delimiter)
    {
        var parts = path.Split(delimiter);
        var start = parts.Length > 1 && parts[0].Length == 0 ? 1 : 0;
        var result = new List<string> { parts[start] };
        for (var i = start + 1; i < parts.Length; i++)
        {
            if (result[^1].EndsWith('\\'))
            {
                result[^1] = result[^1][..^1] + delimiter + parts[i];
            }
            else
            {
                result.Add(parts[i]);
            }
        }

        return [.. result];
    }

    /// <summary>Splits a dotted path; what stands in brackets stays together: <c>a.[name=x.y].b</c>, <c>a.[b.c/d]</c>.</summary>
    public static string[] SplitDotted(string path)
    {
        var parts = Split(path, '.');
        var result = new List<string>();
        for (var i = 0; i < parts.Length; i++)
        {
            if (!parts[i].StartsWith('[') || parts[i].EndsWith(']'))
            {
                result.Add(parts[i]);
                continue;
            }

            var together = parts[i];
            while (i < parts.Length - 1)
            {
                together += "." + parts[++i];
                if (parts[i].EndsWith(']'))
                {
                    break;
                }
            }

            result.Add(together.Contains('=', StringComparison.Ordinal) ? together : together.Trim('[', ']'));
        }

        return [.. result];
    }
}
