namespace Capstan.Yaml;

/// <summary>A map or list that is being read.</summary>
internal abstract class ReadFrame
{
    public Position Start { get; private set; }

    /// <summary>The anchor on the node, which gets its value when the node is complete.</summary>
    public YamlAnchor? Anchor { get; private set; }

    /// <summary>The budget's count before this node.</summary>
    public long FirstStep { get; private set; }

    public abstract YamlNode Finish();

    /// <summary>Turns to another node: frames are used again, with the room that they have.</summary>
    public virtual ReadFrame Begin(Position start, YamlAnchor? anchor, long firstStep)
    {
        (Start, Anchor, FirstStep) = (start, anchor, firstStep);
        return this;
    }
}

/// <summary>An anchor's node, once it is complete.</summary>
internal sealed class YamlAnchor
{
    public YamlNode? Node { get; set; }

    /// <summary>Steps to decode the node.</summary>
    public long Steps { get; set; }

    /// <summary>Set for a scalar, whose text and tag decide what it is as a key.</summary>
    public YamlDotNet.Core.Events.Scalar? Scalar { get; set; }
}

/// <summary>A list that is being read.</summary>
internal sealed class ListFrame : ReadFrame
{
    public List<YamlNode> Items { get; } = [];

    public override YamlNode Finish() => new YamlList(Items.ToArray(), Start);

    public override ReadFrame Begin(Position start, YamlAnchor? anchor, long firstStep)
    {
        Items.Clear();
        return base.Begin(start, anchor, firstStep);
    }
}

/// <summary>A map that is being read: it applies merge keys and refuses duplicates.</summary>
internal sealed class MapFrame(ReadLimits limits) : ReadFrame
{
    private readonly YamlMapBuilder _entries = new();
    private HashSet<string>? _merged;

    /// <summary>The key whose value comes next; null when a key comes next.</summary>
    public string? Key { get; set; }

    public Position KeyPosition { get; set; }

    /// <summary>Whether the key that was read last is <c>&lt;&lt;</c>.</summary>
    public bool Merging { get; set; }

    public bool WantsKey => Key is null && !Merging;

    public override YamlNode Finish() => _entries.ToMap(Start);

    public override ReadFrame Begin(Position start, YamlAnchor? anchor, long firstStep)
    {
        _entries.Clear();
        _merged = null;
        (Key, Merging) = (null, false);
        return base.Begin(start, anchor, firstStep);
    }

    /// <summary>Takes the value of the key that was read last.</summary>
    public void Take(YamlNode value, bool fromAlias)
    {
        if (Merging)
        {
            Merging = false;
            Merge(value, fromAlias);
            return;
        }

        var entry = new YamlEntry(Key!, value, KeyPosition);
        Key = null;
        if (_entries.Add(entry))
        {
            return;
        }

        if (limits.DuplicateKeys == DuplicateKeys.Refuse && _merged?.Remove(entry.Key) != true)
        {
            var first = _entries.Entry(entry.Key).KeyPosition;
            throw new YamlException($"the key \"{entry.Key}\" is there twice in one map; it was first at {first}", entry.KeyPosition) { IsDuplicateKey = true };
        }

        _entries.Set(entry.Key, entry.Value, entry.KeyPosition);
    }

    private void Merge(YamlNode value, bool fromAlias)
    {
        if (value is YamlMap map)
        {
            MergeMap(map);
            return;
        }

        if (fromAlias || value is not YamlList list)
        {
            throw NotMergeable(value);
        }

        // From the last to the first, so that earlier maps win.
        for (var i = list.Count - 1; i >= 0; i--)
        {
            MergeMap(list[i] as YamlMap ?? throw NotMergeable(list[i]));
        }
    }

    private void MergeMap(YamlMap map)
    {
        foreach (ref readonly var entry in map.AsSpan())
        {
            if (_entries.Add(entry))
            {
                (_merged ??= []).Add(entry.Key);
            }
            else if (limits.Dialect == YamlDialect.GoYaml2 || _merged?.Contains(entry.Key) == true)
            {
                _entries.Set(entry.Key, entry.Value, entry.KeyPosition);
            }
        }
    }

    private YamlException NotMergeable(YamlNode value) =>
        new($"the merge key << needs a map or a list of maps, not {value.Description}", value.Position.IsKnown ? value.Position : KeyPosition);
}
