namespace Capstan.Yaml;

/// <summary>Where a node begins in its file. Both numbers count from 1; <see cref="None"/> (0, 0) is a node that no file holds.</summary>
/// <param name="Line">Line in the file, from 1; 0 when unknown.</param>
/// <param name="Column">Column in UTF-16 code units, from 1; 0 when unknown.</param>
public readonly record struct Position(int Line, int Column)
{
    /// <summary>The position of a node that was made by code, not read from a file.</summary>
    public static readonly Position None;

    /// <summary>True when the node was read from a file.</summary>
    public bool IsKnown => Line > 0;

    /// <summary><c>line:column</c>, or an empty string when unknown.</summary>
    public override string ToString() => IsKnown ? $"{Line}:{Column}" : "";
}
