namespace Capstan.Yaml;

/// <summary>What a reader accepts before it refuses, so that no input can exhaust memory, stack or time.</summary>
public sealed record ReadLimits
{
    /// <summary>The limits for files from repositories and for request bodies.</summary>
    public static readonly ReadLimits Default = new();

    /// <summary>Bytes of one input. 10 MiB.</summary>
    public int MaxBytes { get; init; } = 10 * 1024 * 1024;

    /// <summary>Maps and lists inside one another. 1,000: far more than any manifest has, and safe for every recursion over a tree.</summary>
    public int MaxDepth { get; init; } = 1_000;

    /// <summary>Nodes of one input, after aliases were expanded. 4 million.</summary>
    public int MaxNodes { get; init; } = 4_000_000;

    /// <summary>What to do with a key that a map has already.</summary>
    public DuplicateKeys DuplicateKeys { get; init; } = DuplicateKeys.Refuse;

    /// <summary>By whose rules plain scalars, keys and merge keys are understood.</summary>
    public YamlDialect Dialect { get; init; } = YamlDialect.GoYaml2;
}

/// <summary>By whose rules plain scalars, keys and merge keys are understood.</summary>
public enum YamlDialect
{
    /// <summary>go-yaml 2, as kubectl, Helm and the API server read: <c>on</c> is true, a merge key that stands later overrides.</summary>
    GoYaml2,

    /// <summary>
    /// go-yaml 3, as kustomize reads resources: <c>on</c> is text, keys keep their text, a timestamp becomes its RFC 3339 form, and
    /// a merge key never overrides.
    /// </summary>
    GoYaml3,
}

/// <summary>What a reader does with a key that a map has already.</summary>
public enum DuplicateKeys
{
    /// <summary>An error that names both places.</summary>
    Refuse,

    /// <summary>The last one wins, as in Go's encoding/json.</summary>
    LastWins,
}
