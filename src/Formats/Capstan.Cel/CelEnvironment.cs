using Capstan.Cel.Evaluating;
using Capstan.Cel.Functions;
using Capstan.Cel.Parsing;

namespace Capstan.Cel;

/// <summary>A name that expressions may use.</summary>
/// <param name="Name">The name.</param>
/// <param name="Shape">What is known of its structure; null for nothing.</param>
public sealed record CelVariable(string Name, CelShape? Shape = null);

/// <summary>Which variables and functions an expression may use at one place: the language's own functions, those that Kubernetes adds, and those named here.</summary>
public sealed class CelEnvironment
{
    /// <summary>The longest expression, in UTF-16 units.</summary>
    public const int MaxLength = 100_000;

    private static readonly Dictionary<(string Name, bool Member, int Arity), CelFunction[]> BuiltIn = Group(BuiltInFunctions.All);

    private readonly Dictionary<string, CelVariable> _variables;
    private readonly Dictionary<(string Name, bool Member, int Arity), CelFunction[]> _more;

    /// <summary>Makes the environment of one place.</summary>
    /// <param name="variables">The variables that may be named.</param>
    /// <param name="functions">Functions beyond the language's own.</param>
    public CelEnvironment(IEnumerable<CelVariable> variables, IEnumerable<CelFunction>? functions = null) =>
        (_variables, _more) = (variables.ToDictionary(v => v.Name, StringComparer.Ordinal), Group(functions ?? []));

    /// <summary>Parses an expression and looks up what it names.</summary>
    /// <exception cref="CelException">It is no expression, or names what is not there; the message shows where.</exception>
    public CelProgram Compile(string text)
    {
        if (text.Length > MaxLength) throw new CelException($"expression code point size exceeds limit: size: {text.Length}, limit {MaxLength}", text, 0);
        var resolver = new Resolver(text, this);
        var root = resolver.Resolve(new Parser(text).Parse());
        return new CelProgram(text, root, resolver.Used);
    }

    internal CelVariable? Variable(string name) => _variables.GetValueOrDefault(name);

    internal IReadOnlyList<CelFunction> Functions(string name, bool member, int arity) =>
        [.. BuiltIn.GetValueOrDefault((name, member, arity)) ?? [], .. _more.GetValueOrDefault((name, member, arity)) ?? []];

    internal bool HasFunction(string name) => BuiltIn.Keys.Concat(_more.Keys).Any(k => k.Name == name);

    private static Dictionary<(string Name, bool Member, int Arity), CelFunction[]> Group(IEnumerable<CelFunction> functions) =>
        functions.GroupBy(f => (f.Name, f.Member, f.Arity)).ToDictionary(g => g.Key, g => g.ToArray());
}
