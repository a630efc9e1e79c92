namespace Capstan.GoTemplates;

/// <summary>What a function does.</summary>
/// <param name="call">The execution from which it is called.</param>
/// <param name="arguments">The arguments, checked against the parameters; those for <c>...</c> follow the others.</param>
/// <returns>A value; null for a nil interface.</returns>
/// <exception cref="GoException">The function fails; the message appears behind <c>error calling NAME:</c>.</exception>
public delegate object? GoFunctionBody(TemplateCall call, object?[] arguments);

/// <summary>A function that templates may call.</summary>
/// <param name="name">Its name in templates.</param>
/// <param name="parameters">The types of the parameters; of a variadic function the last is the type of one item.</param>
/// <param name="variadic">Whether the last parameter takes any number of arguments.</param>
/// <param name="body">What it does.</param>
public sealed class GoFunction(string name, GoType[] parameters, bool variadic, GoFunctionBody body)
{
    /// <summary>Its name in templates.</summary>
    public string Name { get; } = name;

    /// <summary>Whether the last parameter takes any number of arguments.</summary>
    public bool Variadic { get; } = variadic;

    /// <summary>What it does.</summary>
    public GoFunctionBody Body { get; } = body;

    /// <summary>How many parameters there are.</summary>
    internal int ParameterCount => parameters.Length;

    /// <summary>Whether this is <c>and</c> or <c>or</c>, which stop at the argument that decides.</summary>
    internal bool? StopsAt { get; init; }

    /// <summary>The type of the argument at an index.</summary>
    internal GoType ParameterAt(int index) => parameters[Math.Min(index, parameters.Length - 1)];
}
