namespace Capstan.Helm.Rendering;

/// <summary>
/// The globs of <c>.Files.Glob</c>: <c>*</c> within a folder, <c>**</c> across, <c>?</c>, <c>[a-z]</c>, <c>[!a]</c>, <c>{a,b}</c>. All ways
/// through a pattern are followed at once, so its time is bounded by pattern times text.
/// </summary>
internal sealed class GobwasGlob
{
    private const int LongestPattern = 4_096;

    /// <summary>The pattern of Helm for patterns that are not valid.</summary>
    private static readonly GobwasGlob Everything = new([new GlobAny(AcrossFolders: true)]);

    private readonly List<State> _states = [];
    private readonly (string Prefix, string Suffix)? _ends;
    private readonly bool _matchesNothing;

    private GobwasGlob(IReadOnlyList<GlobPart> parts)
    {
        // Go's library looks at both ends alone, and so they may overlap: "d/**/a" is also "d/a".
        _ends = parts is [GlobText first, GlobAny { AcrossFolders: true }, GlobText last] ? (first.Text, last.Text) : null;
        _matchesNothing = parts.Count > 1 && parts.Any(static p => p is GlobChoice choice && choice.Alternatives.All(static a => a.Count == 0));
        Add(parts);
        _states.Add(new State(null, 0, 0));
    }

    /// <summary>Reads a pattern; one that is not valid matches everything, as in Helm.</summary>
    public static GobwasGlob Parse(string pattern) =>
        pattern.Length <= LongestPattern && GlobReader.Read(pattern) is { } parts ? new GobwasGlob(parts) : Everything;

    /// <summary>Whether all of a path matches.</summary>
    public bool IsMatch(string path)
    {
        if (_matchesNothing || _ends is not null)
        {
            return _ends is { } ends && path.StartsWith(ends.Prefix, StringComparison.Ordinal) && path.EndsWith(ends.Suffix, StringComparison.Ordinal);
        }

        var (current, next, pending) = (new bool[_states.Count], new bool[_states.Count], new Stack<int>());
        Enter(current, 0, pending);
        foreach (var rune in path.EnumerateRunes())
        {
            Array.Clear(next);
            for (var i = 0; i < current.Length; i++)
            {
                if (current[i] && _states[i].Takes is { } takes && takes(rune.Value))
                {
                    Enter(next, _states[i].Next, pending);
                }
            }

            (current, next) = (next, current);
        }

        return current[^1];
    }

    // States that take nothing lead on at once.
    private void Enter(bool[] states, int state, Stack<int> pending)
    {
        pending.Push(state);
        while (pending.TryPop(out var at))
        {
            if (states[at])
            {
                continue;
            }

            states[at] = true;
            if (_states[at].Takes is null && at != _states.Count - 1)
            {
                pending.Push(_states[at].Next);
                pending.Push(_states[at].Other);
            }
        }
    }

    private void Add(IReadOnlyList<GlobPart> parts)
    {
        foreach (var part in parts)
        {
            switch (part)
            {
                case GlobText text:
                    foreach (var rune in text.Text.EnumerateRunes())
                    {
                        Take(c => c == rune.Value);
                    }

                    break;
                case GlobOne:
                    Take(static c => c != '/');
                    break;
                case GlobSet set:
                    Take(c => set.Ranges.Any(r => r.First <= c && c <= r.Last) != set.Negated);
                    break;
                case GlobAny any:
                    // A fork: past it, or through the state that takes one and comes back.
                    var fork = _states.Count;
                    _states.Add(new State(null, fork + 1, fork + 2));
                    _states.Add(new State(any.AcrossFolders ? static _ => true : static c => c != '/', fork, fork));
                    break;
                case GlobChoice choice:
                    Add(choice);
                    break;
            }
        }
    }

    private void Add(GlobChoice choice)
    {
        var ends = new List<int>();
        for (var i = 0; i < choice.Alternatives.Count; i++)
        {
            var fork = _states.Count;
            _states.Add(new State(null, fork + 1, fork + 1));
            Add(choice.Alternatives[i]);
            ends.Add(_states.Count);
            _states.Add(new State(null, 0, 0));
            if (i < choice.Alternatives.Count - 1)
            {
                _states[fork] = new State(null, fork + 1, _states.Count);
            }
        }

        foreach (var end in ends)
        {
            _states[end] = new State(null, _states.Count, _states.Count);
        }
    }

    private void Take(Func<int, bool> takes) => _states.Add(new State(takes, _states.Count + 1, _states.Count + 1));

    /// <param name="Takes">Which characters it takes; null when it takes none and leads on at once.</param>
    /// <param name="Next">Where it leads.</param>
    /// <param name="Other">Where else it leads when it takes none.</param>
    private readonly record struct State(Func<int, bool>? Takes, int Next, int Other);
}
