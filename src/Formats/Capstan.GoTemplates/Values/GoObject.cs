namespace Capstan.GoTemplates;

/// <summary>A struct (or a pointer to one) with fields and methods that templates may use.</summary>
public abstract class GoObject
{
    /// <summary>The type, for messages and <c>%T</c>.</summary>
    public abstract GoType Type { get; }

    /// <summary>What <c>String()</c> answers, or null when the type has no such method.</summary>
    public virtual string? Text => null;

    /// <summary>The names of the fields in the order of the declaration.</summary>
    public virtual IReadOnlyList<string> FieldNames => [];

    /// <summary>What JSON calls a field.</summary>
    public virtual string JsonName(string field) => field;

    /// <summary>The value of an exported field.</summary>
    /// <returns>False when there is no such field.</returns>
    public virtual bool TryGetField(string name, out object? value)
    {
        value = null;
        return false;
    }

    /// <summary>A method bound to this object, or null when there is none.</summary>
    public virtual GoFunction? Method(string name) => null;
}

/// <summary>The absence of a value, which differs from a nil: Go's zero <c>reflect.Value</c>.</summary>
public sealed class NoValue
{
    /// <summary>The only one.</summary>
    public static readonly NoValue Instance = new();

    // Tells an argument that is not there from one that is nil.
    internal static readonly NoValue Missing = new();

    private NoValue()
    {
    }
}
