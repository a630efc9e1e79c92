using System.Diagnostics.CodeAnalysis;

namespace Capstan.Access.Rights;

/// <summary>Some verbs on some kinds of things with some names.</summary>
/// <param name="Verbs">The verbs; none for all.</param>
/// <param name="Resources">The kinds of things; none for all.</param>
/// <param name="Names">Patterns of names, in which <c>*</c> stands for any characters, slashes too; none for all.</param>
public sealed record Grant(IReadOnlyList<Verb> Verbs, IReadOnlyList<ResourceKind> Resources, IReadOnlyList<string> Names)
{
    private const int LongestText = 2000;

    /// <summary>Whether it gives a verb on a kind of things at all, for whatever names.</summary>
    public bool Concerns(Verb verb, ResourceKind resource) => (Verbs.Count == 0 || Verbs.Contains(verb)) && (Resources.Count == 0 || Resources.Contains(resource));

    /// <summary>Whether it gives a verb on one thing.</summary>
    public bool Covers(Verb verb, ResourceKind resource, string name) => Concerns(verb, resource) && (Names.Count == 0 || Names.Any(pattern => NamePattern.Matches(pattern, name)));

    /// <summary>Reads <c>VERB,…:RESOURCE,…[:NAME,…]</c> with <c>*</c> for all, as in <c>get,update:repositories:shop/*</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="grant">The grant.</param>
    /// <param name="problem">What is wrong with it.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out Grant? grant, [NotNullWhen(false)] out string? problem)
    {
        grant = null;
        var parts = text.Split(':', 3);
        if (parts.Length < 2 || text.Length > LongestText)
        {
            problem = $"{text}: is no grant. Write VERBS:RESOURCES:NAMES, such as get,update:repositories:shop/*";
            return false;
        }

        if (!TryReadAll<Verb>(parts[0], out var verbs, out var unknown))
        {
            problem = $"{text}: {unknown} is no verb. There are {Words<Verb>()}";
            return false;
        }

        if (!TryReadAll<ResourceKind>(parts[1], out var resources, out unknown))
        {
            problem = $"{text}: {unknown} is no kind of things. There are {Words<ResourceKind>()}";
            return false;
        }

        problem = null;
        string[] names = parts.Length == 3 && parts[2] != "*" ? parts[2].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [];
        if (parts.Length == 3 && parts[2] != "*" && names.Length == 0)
        {
            problem = $"{text}: names nothing; leave the last part out to mean all";
            return false;
        }

        grant = new Grant(verbs, resources, names);
        return true;
    }

    /// <summary>The words of a list of verbs or kinds, for messages.</summary>
    public static string Words<T>() where T : struct, Enum => string.Join(", ", Enum.GetNames<T>().Select(n => n.ToLowerInvariant()));

    /// <summary>The text that <see cref="TryParse"/> reads.</summary>
    public override string ToString() => $"{Text(Verbs)}:{Text(Resources)}:{(Names.Count == 0 ? "*" : string.Join(',', Names))}";

    private static string Text<T>(IReadOnlyList<T> values) where T : struct, Enum => values.Count == 0 ? "*" : string.Join(',', values.Select(v => v.ToString().ToLowerInvariant()));

    private static bool TryReadAll<T>(string text, out IReadOnlyList<T> values, out string unknown) where T : struct, Enum
    {
        (values, unknown) = ([], "");
        if (text == "*") return true;
        var read = new List<T>();
        foreach (var word in text.Split(',', StringSplitOptions.TrimEntries))
        {
            // Numbers would be taken by the parser of enumerations, and mean nothing to people.
            if (word.Length == 0 || !char.IsAsciiLetter(word[0]) || !Enum.TryParse<T>(word, ignoreCase: true, out var value))
            {
                unknown = word.Length == 0 ? "an empty word" : word;
                return false;
            }

            read.Add(value);
        }

        values = read;
        return true;
    }
}

/// <summary>Names with <c>*</c> for any characters.</summary>
public static class NamePattern
{
    /// <summary>Whether a name is of the pattern, letter case counted. Time grows with the product of the lengths at most.</summary>
    public static bool Matches(string pattern, string name)
    {
        var (p, n, star, resume) = (0, 0, -1, 0);
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, resume) = (p++, n);
            }
            else if (p < pattern.Length && pattern[p] == name[n])
            {
                p++;
                n++;
            }
            else if (star >= 0)
            {
                (p, n) = (star + 1, ++resume);
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }
}
