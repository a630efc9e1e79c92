namespace Capstan.Kustomize.Spec;

/// <summary>
/// A regular expression of the kind that nearly everyone writes for names: letters, <c>.</c>, <c>.*</c>, alternatives with <c>|</c>. Matched by
/// hand, because preparing the engine for the whole language takes longer than building a small kustomization.
/// </summary>
internal sealed class PlainPattern
{
    private readonly List<Atom[]> _alternatives;

    private PlainPattern(List<Atom[]> alternatives) => _alternatives = alternatives;

    /// <summary>Whether it is one sequence of single characters.</summary>
    public bool IsFixed => _alternatives is [var only] && Array.TrueForAll(only, atom => atom.Kind != AtomKind.AnyText);

    /// <summary>Reads a pattern; null when it needs the whole language.</summary>
    public static PlainPattern? Parse(string pattern)
    {
        var alternatives = new List<Atom[]>();
        foreach (var alternative in pattern.Split('|'))
        {
            if (Atoms(alternative) is not { } atoms)
            {
                return null;
            }

            alternatives.Add(atoms);
        }

        return new PlainPattern(alternatives);
    }

    /// <summary>Whether the whole text matches.</summary>
    public bool IsMatch(ReadOnlySpan<char> text)
    {
        foreach (var alternative in _alternatives)
        {
            if (Matches(alternative, text))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>How many characters the text's beginning needs to match a fixed pattern; -1 when it does not.</summary>
    public int MatchStart(ReadOnlySpan<char> text)
    {
        var atoms = _alternatives[0];
        return text.Length >= atoms.Length && Matches(atoms, text[..atoms.Length]) ? atoms.Length : -1;
    }

    private static Atom[]? Atoms(ReadOnlySpan<char> text)
    {
        var atoms = new List<Atom>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\\' && i + 1 < text.Length && text[i + 1] is '.' or '-' or '/')
            {
                atoms.Add(new Atom(AtomKind.One, text[++i]));
            }
            else if (char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '/' or ':' or '@' or ',' or '=' or ' ')
            {
                atoms.Add(new Atom(AtomKind.One, c));
            }
            else if (c == '.')
            {
                atoms.Add(new Atom(AtomKind.AnyOne));
                if (i + 1 < text.Length && text[i + 1] is '*' or '+')
                {
                    atoms[^1] = text[++i] == '*' ? new Atom(AtomKind.AnyText) : atoms[^1];
                    if (text[i] == '+')
                    {
                        atoms.Add(new Atom(AtomKind.AnyText));
                    }
                }
            }
            else if (!(c == '^' && i == 0) && !(c == '$' && i == text.Length - 1))
            {
                // The whole text is matched anyway, so that ^ and $ around all of it say nothing; anything else needs the engine.
                return null;
            }
        }

        return [.. atoms];
    }

    // Where the rest does not match, the last .* takes one character more: one step back is enough, so that the time is bounded.
    private static bool Matches(Atom[] atoms, ReadOnlySpan<char> text)
    {
        var (at, from, retry, taken) = (0, 0, -1, 0);
        while (from < text.Length)
        {
            if (at < atoms.Length && atoms[at].Kind == AtomKind.AnyText)
            {
                (retry, taken) = (++at, from);
            }
            else if (at < atoms.Length && atoms[at].Takes(text[from]))
            {
                at++;
                from++;
            }
            else if (retry >= 0 && text[taken] != '\n')
            {
                (at, from) = (retry, ++taken);
            }
            else
            {
                return false;
            }
        }

        while (at < atoms.Length && atoms[at].Kind == AtomKind.AnyText)
        {
            at++;
        }

        return at == atoms.Length;
    }

    private enum AtomKind
    {
        One,
        AnyOne,
        AnyText,
    }

    private readonly record struct Atom(AtomKind Kind, char Character = '\0')
    {
        public bool Takes(char c) => Kind == AtomKind.One ? c == Character : c != '\n';
    }
}
