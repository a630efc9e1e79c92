using Capstan.Workflows.Places;

namespace Capstan.Workflows.Files.Schema;

/// <summary>What may stand at a place of the file.</summary>
internal abstract record Shape
{
    /// <summary>Which expressions may stand here and below; null for what holds above.</summary>
    public Place? Place { get; init; }
}

/// <summary>A text: any, one that is not empty, or exactly one.</summary>
internal sealed record TextShape(bool NotEmpty = false, string? Exactly = null) : Shape;

/// <summary>A number.</summary>
internal sealed record NumberShape : Shape;

/// <summary>true or false.</summary>
internal sealed record FlagShape : Shape;

/// <summary>Nothing.</summary>
internal sealed record NullShape : Shape;

/// <summary>Anything.</summary>
internal sealed record AnyShape : Shape;

/// <summary>A list of such items.</summary>
internal sealed record ListShape(Shape Item) : Shape;

/// <summary>A map with known keys, with keys of the author's own choice, or with both.</summary>
internal sealed record MapShape(IReadOnlyList<Key> Keys, Shape? Loose = null) : Shape
{
    /// <summary>The known key of a name.</summary>
    public Key? Find(string name)
    {
        foreach (var key in Keys)
        {
            if (key.Name == name) return key;
        }

        return null;
    }
}

/// <summary>One of several shapes.</summary>
internal sealed record ChoiceShape(params Shape[] Options) : Shape;

/// <summary>A known key of a map.</summary>
internal sealed record Key(string Name, Shape Value, bool Required = false);
