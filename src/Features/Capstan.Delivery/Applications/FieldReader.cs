using Capstan.Yaml;

namespace Capstan.Delivery.Applications;

/// <summary>
/// Reads the fields of one map and remembers what is wrong: ill-typed fields, and fields that nobody asked for, which are those
/// that are not served. Every problem names the whole path of its field.
/// </summary>
internal sealed class FieldReader(YamlMap map, string path, List<string> problems)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public YamlMap Map => map;

    public string Text(string field)
    {
        switch (Take(field))
        {
            case null or { IsNull: true }:
                return "";
            case YamlScalar { Kind: ScalarKind.String } text:
                return text.Text;
            case var other:
                problems.Add($"{path}.{field} must be a string, it is {other.Description}");
                return "";
        }
    }

    public string RequiredText(string field)
    {
        var before = problems.Count;
        var text = Text(field);
        if (text.Length == 0 && problems.Count == before)
        {
            problems.Add($"{path}.{field} is missing");
        }

        return text;
    }

    public bool Flag(string field, bool absent = false)
    {
        switch (Take(field))
        {
            case null or { IsNull: true }:
                return absent;
            case YamlScalar { Kind: ScalarKind.Boolean } flag:
                return flag.Text == "true";
            case var other:
                problems.Add($"{path}.{field} must be true or false, it is {other.Description}");
                return absent;
        }
    }

    public long Number(string field, long absent)
    {
        switch (Take(field))
        {
            case null or { IsNull: true }:
                return absent;
            case YamlScalar scalar when scalar.TryGetInteger(out var number):
                return number;
            case var other:
                problems.Add($"{path}.{field} must be an integer, it is {other.Description}");
                return absent;
        }
    }

    public TimeSpan Duration(string field, TimeSpan absent)
    {
        var text = Text(field);
        if (text.Length == 0)
        {
            return absent;
        }

        if (DurationText.TryParse(text, out var duration))
        {
            return duration;
        }

        problems.Add($"{path}.{field}: \"{text}\" is no duration; write it like 5s or 3m, at most a year");
        return absent;
    }

    public YamlList Items(string field)
    {
        switch (Take(field))
        {
            case null or { IsNull: true }:
                return YamlList.Empty;
            case YamlList list:
                return list;
            case var other:
                problems.Add($"{path}.{field} must be a list, it is {other.Description}");
                return YamlList.Empty;
        }
    }

    /// <summary>A reader of a map inside; null when it is absent.</summary>
    public FieldReader? Inner(string field)
    {
        switch (Take(field))
        {
            case null or { IsNull: true }:
                return null;
            case YamlMap inner:
                return new FieldReader(inner, $"{path}.{field}", problems);
            case var other:
                problems.Add($"{path}.{field} must be a map, it is {other.Description}");
                return null;
        }
    }

    /// <summary>Takes a field whose value has no meaning for a sync (information for people).</summary>
    public void Ignore(string field) => _known.Add(field);

    /// <summary>Names every field that is left and says something.</summary>
    public void RefuseTheRest(string consequence = "is not supported yet")
    {
        foreach (var (key, value) in map)
        {
            if (!_known.Contains(key) && !SaysNothing(value))
            {
                problems.Add($"{path}.{key} {consequence}");
            }
        }
    }

    public void Problem(string text) => problems.Add(text);

    private YamlNode? Take(string field)
    {
        _known.Add(field);
        return map[field];
    }

    // Tools that write whole objects leave empty maps, lists and texts behind; they ask for nothing.
    private static bool SaysNothing(YamlNode value) => value switch
    {
        YamlMap inner => inner.Count == 0,
        YamlList list => list.Count == 0,
        YamlScalar scalar => scalar.Kind == ScalarKind.Null || (scalar.Kind == ScalarKind.String && scalar.Text.Length == 0) || scalar.Text == "false",
        _ => false,
    };
}
