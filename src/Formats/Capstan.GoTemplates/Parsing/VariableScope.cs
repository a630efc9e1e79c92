namespace Capstan.GoTemplates;

/// <summary>The variables that can be seen while one template is parsed; each gets a slot of its own.</summary>
internal sealed class VariableScope
{
    private readonly List<(string Name, int Slot, bool IsElement)> _visible = [("$", 0, false)];
    private readonly List<string> _pending = [];

    /// <summary>How many slots the template needs.</summary>
    public int SlotCount { get; private set; } = 1;

    /// <summary>How many loops surround the place.</summary>
    public int RangeDepth { get; set; }

    /// <summary>Whether the dot is an element of the innermost range.</summary>
    public bool DotIsElement { get; set; }

    public int Mark => _visible.Count;

    public void Restore(int mark) => _visible.RemoveRange(mark, _visible.Count - mark);

    /// <summary>A variable that is being declared: its name is known, its value is not yet.</summary>
    public void Announce(string name) => _pending.Add(name);

    public void Withdraw(int count) => _pending.RemoveRange(_pending.Count - count, count);

    public int Declare(string name, bool isElement)
    {
        _visible.Add((name, SlotCount, isElement));
        return SlotCount++;
    }

    /// <summary>Makes a name known whose assignment will fail when executed.</summary>
    public void AddUnknown(string name) => _visible.Add((name, -1, false));

    /// <summary>Finds a variable.</summary>
    /// <returns>False when the name was never declared; the slot is -1 when it has no value yet.</returns>
    public bool TryFind(string name, out int slot, out bool isElement)
    {
        for (var i = _visible.Count - 1; i >= 0; i--)
        {
            if (_visible[i].Name == name)
            {
                (_, slot, isElement) = _visible[i];
                return true;
            }
        }

        (slot, isElement) = (-1, false);
        return _pending.Contains(name);
    }
}
