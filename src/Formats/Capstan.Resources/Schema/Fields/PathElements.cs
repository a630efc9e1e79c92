using System.Collections.Concurrent;

namespace Capstan.Resources;

/// <summary>
/// Steps of field paths that were met before. The same few hundred names come with every write, as steps and as keys of managed fields; what is kept is bounded,
/// since anybody may make up names.
/// </summary>
internal static class PathElements
{
    private const int MostKept = 4_096;
    private const int LongestKept = 100;

    private static readonly ConcurrentDictionary<string, PathElement> Fields = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, PathElement> Parsed = new(StringComparer.Ordinal);

    /// <summary>The step of a field.</summary>
    public static PathElement Field(string name) => Fields.TryGetValue(name, out var known) ? known : Keep(Fields, name, PathElement.NewField(name));

    /// <summary>The step that a key of managed fields names; null when it was not met before.</summary>
    public static PathElement? Find(string key) => Parsed.GetValueOrDefault(key);

    /// <summary>Remembers what a key of managed fields names.</summary>
    public static PathElement Keep(string key, PathElement element) => Keep(Parsed, key, element);

    private static PathElement Keep(ConcurrentDictionary<string, PathElement> kept, string text, PathElement element)
    {
        if (text.Length > LongestKept)
        {
            return element;
        }

        if (kept.Count >= MostKept)
        {
            kept.Clear();
        }

        return kept.GetOrAdd(text, element);
    }
}
