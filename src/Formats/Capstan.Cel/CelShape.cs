namespace Capstan.Cel;

/// <summary>What is known of a variable's structure before it has a value, so that an expression which asks for a field that can never be is refused.</summary>
public abstract class CelShape
{
    /// <summary>Whether it is an object with these fields and no others.</summary>
    public virtual bool HasFixedFields => false;

    /// <summary>Whether its items are the values of a map.</summary>
    public virtual bool IsMap => false;

    /// <summary>The structure of its items, or of the values of a map; null when nothing is known.</summary>
    public virtual CelShape? Item => null;

    /// <summary>Whether an object may have a field.</summary>
    /// <param name="name">The field.</param>
    /// <param name="shape">Its structure; null when nothing is known.</param>
    public virtual bool HasField(string name, out CelShape? shape)
    {
        shape = null;
        return !HasFixedFields;
    }
}
