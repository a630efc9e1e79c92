using System.Collections.Concurrent;
using System.Collections.Frozen;

namespace Capstan.GoTemplates;

/// <summary>
/// Go's template language with a set of functions. Parsed templates are kept by name and content, so that a text which was seen before
/// is not parsed again. Safe for several threads.
/// </summary>
public sealed class TemplateLanguage
{
    // Enough for some hundred large charts; beyond it the cache starts afresh, which costs only time.
    private const long MostCachedCharacters = 64_000_000;
    private const int MostCachedTexts = 50_000;

    private readonly FrozenDictionary<string, GoFunction> _functions;
    private readonly ConcurrentDictionary<(string Name, string Text), Template[]> _parsed = new();
    private long _characters;

    /// <summary>Makes a language of Go's own functions and these; these win over Go's of the same name.</summary>
    public TemplateLanguage(IEnumerable<GoFunction> functions)
    {
        var all = new Dictionary<string, GoFunction>(StringComparer.Ordinal);
        foreach (var function in Builtins.All.Concat(functions))
        {
            all[function.Name] = function;
        }

        _functions = all.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>An empty set of templates.</summary>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="missingKey">What absent keys evaluate to.</param>
    public TemplateSet NewSet(string name, MissingKey missingKey = MissingKey.Invalid) => new(this, name, missingKey, null);

    internal GoFunction? Function(string name) => _functions.GetValueOrDefault(name);

    // The templates that the text defines, the text itself last.
    internal Template[] Parse(string name, string text)
    {
        if (_parsed.TryGetValue((name, text), out var known))
        {
            return known;
        }

        var templates = new TemplateParser(this, name, text).Parse();
        if (Interlocked.Add(ref _characters, text.Length) > MostCachedCharacters || _parsed.Count > MostCachedTexts)
        {
            _parsed.Clear();
            Interlocked.Exchange(ref _characters, text.Length);
        }

        _parsed[(name, text)] = templates;
        return templates;
    }
}
