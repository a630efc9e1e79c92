using System.Globalization;

namespace Capstan.Workflows.Images;

/// <summary>One rule of <c>docker/metadata-action</c>: <c>type=TYPE,key=value,…</c> (https://github.com/docker/metadata-action#tags-input).</summary>
internal sealed record TagRule(string Text, string Type, IReadOnlyDictionary<string, string> Values)
{
    private static readonly Dictionary<string, int> Priorities = new(StringComparer.Ordinal)
    {
        ["schedule"] = 1000,
        ["semver"] = 900,
        ["match"] = 800,
        ["edge"] = 700,
        ["ref"] = 600,
        ["raw"] = 200,
        ["sha"] = 100,
    };

    public int Priority => int.TryParse(Values.GetValueOrDefault("priority"), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : Priorities[Type];

    public string Of(string key, string otherwise = "") => Values.GetValueOrDefault(key) ?? otherwise;

    /// <exception cref="WorkflowException">It is no rule.</exception>
    public static TagRule Parse(string text)
    {
        var values = Pairs(text);
        var type = values.GetValueOrDefault("type") ?? (values.Count == 0 ? "raw" : throw new WorkflowException($"tags: '{text}' has no type"));
        if (values.Count == 0) values["value"] = text;
        return Priorities.ContainsKey(type) ? new TagRule(text, type, values)
            : throw new WorkflowException($"tags: '{text}': '{type}' is not known; there are {string.Join(", ", Priorities.Keys)}");
    }

    /// <summary>Entries with commas between them; in double quotes a value may hold commas.</summary>
    public static Dictionary<string, string> Pairs(string text)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        var (start, quoted) = (0, false);
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && text[i] == '"') quoted = !quoted;
            if (i < text.Length && (text[i] != ',' || quoted)) continue;
            var part = text[start..i].Trim().Trim('"');
            start = i + 1;
            if (part.Split('=', 2) is [{ Length: > 0 } name, var value]) pairs[name.Trim()] = value.Trim().Trim('"');
        }

        return pairs;
    }
}
