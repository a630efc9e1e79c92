namespace Capstan.Cel;

/// <summary>What a function does.</summary>
/// <param name="arguments">The arguments, none of them a fault; the receiver of a member is the first.</param>
/// <param name="meter">Pays for what grows with the arguments.</param>
/// <returns>The result, or a fault; <see cref="CelFault.NoOverload"/> when it does not take arguments of these types.</returns>
public delegate CelValue CelBody(ReadOnlySpan<CelValue> arguments, CelMeter meter);

/// <summary>A function of the language. Several may have one name: the first that takes the arguments is meant.</summary>
/// <param name="Name">Its name, with its namespace: <c>sets.contains</c>.</param>
/// <param name="Member">Whether it is called on a receiver.</param>
/// <param name="Arity">How many arguments it takes, the receiver among them.</param>
/// <param name="Body">What it does.</param>
public sealed record CelFunction(string Name, bool Member, int Arity, CelBody Body)
{
    /// <summary>A function that is called as <c>name(…)</c>.</summary>
    public static CelFunction Global(string name, int arity, CelBody body) => new(name, false, arity, body);

    /// <summary>A function that is called as <c>x.name(…)</c>; the receiver counts.</summary>
    public static CelFunction Method(string name, int arity, CelBody body) => new(name, true, arity, body);
}
