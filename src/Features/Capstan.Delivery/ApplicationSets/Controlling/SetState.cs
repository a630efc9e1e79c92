namespace Capstan.Delivery.ApplicationSets.Controlling;

/// <summary>What the controller remembers of a set between two looks. All of it can be lost.</summary>
internal sealed class SetState
{
    private int _changes = 1;
    private int _seen;

    /// <summary>What the set made when it was looked at last.</summary>
    public SetOutput? Output { get; private set; }

    /// <summary>The set's spec for which that is.</summary>
    public Yaml.YamlMap? Spec { get; private set; }

    /// <summary>When what its generators read is to be looked at again; null when changes are told.</summary>
    public DateTimeOffset? Due { get; private set; }

    /// <summary>Says that something its generators read may be another.</summary>
    public void Stale() => Interlocked.Increment(ref _changes);

    /// <summary>Whether what is remembered still holds.</summary>
    public bool IsFresh(Yaml.YamlMap spec, DateTimeOffset now) => Output is not null && _seen == Volatile.Read(ref _changes) && !(Due <= now) && spec.Equals(Spec);

    /// <summary>The count of changes, to be taken before the generators read.</summary>
    public int Changes => Volatile.Read(ref _changes);

    public void Remember(SetOutput output, Yaml.YamlMap spec, int changes, DateTimeOffset now)
    {
        (Output, Spec, _seen) = (output, spec, changes);
        Due = output.Again is { } again ? now + again : null;
    }
}
