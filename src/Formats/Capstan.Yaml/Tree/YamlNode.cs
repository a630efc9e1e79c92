using System.Runtime.CompilerServices;

namespace Capstan.Yaml;

/// <summary>
/// One node of a YAML or JSON tree. Nodes are immutable and may be shared between trees; a changed tree shares what did not change.
/// </summary>
/// <remarks>
/// Equality is by content: positions and the style a scalar was written in do not count, the order of a map's keys does not
/// count, numbers compare by value (<c>1</c> equals <c>1.0</c>), as in the JSON that Kubernetes stores.
/// </remarks>
public abstract class YamlNode : IEquatable<YamlNode>
{
    private protected YamlNode(Position position) => Position = position;

    /// <summary>Where the node begins in its file; <see cref="Position.None"/> for a node made by code.</summary>
    public Position Position { get; }

    /// <summary>True for the null scalar.</summary>
    public bool IsNull => this is YamlScalar { Kind: ScalarKind.Null };

    /// <summary>The node as a map, or null when it is something else.</summary>
    public YamlMap? AsMap() => this as YamlMap;

    /// <summary>The node as a list, or null when it is something else.</summary>
    public YamlList? AsList() => this as YamlList;

    /// <summary>The text of a string scalar, or null when the node is something else (numbers and booleans are not strings).</summary>
    public string? AsString() => this is YamlScalar { Kind: ScalarKind.String } scalar ? scalar.Text : null;

    /// <summary>What the node is, in the words of error messages: <c>a map</c>, <c>a list</c>, <c>a string</c>, <c>null</c> …</summary>
    public abstract string Description { get; }

    /// <summary>Whether both trees say the same; see the remarks on <see cref="YamlNode"/>.</summary>
    public bool Equals(YamlNode? other)
    {
        if (ReferenceEquals(this, other))
        {
            return true;
        }

        if (other is null)
        {
            return false;
        }

        RuntimeHelpers.EnsureSufficientExecutionStack();
        return ContentEquals(other);
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as YamlNode);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return ContentHash();
    }

    /// <summary>The node as one line of JSON, for messages and debugging.</summary>
    public override string ToString() => JsonText.Write(this);

    private protected abstract bool ContentEquals(YamlNode other);

    private protected abstract int ContentHash();

    /// <summary>A string scalar.</summary>
    public static implicit operator YamlNode(string text) => YamlScalar.String(text);

    /// <summary>An integer scalar.</summary>
    public static implicit operator YamlNode(long number) => YamlScalar.Integer(number);

    /// <summary>A boolean scalar.</summary>
    public static implicit operator YamlNode(bool flag) => YamlScalar.Boolean(flag);
}
