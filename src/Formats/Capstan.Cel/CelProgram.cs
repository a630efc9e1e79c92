using Capstan.Cel.Evaluating;
using Capstan.Cel.Parsing;

namespace Capstan.Cel;

/// <summary>An expression that is ready. It does not change and may be evaluated by several threads.</summary>
public sealed class CelProgram
{
    private readonly CelNode _root;
    private readonly IReadOnlySet<string> _used;

    internal CelProgram(string text, CelNode root, IReadOnlySet<string> used) => (Text, _root, _used) = (text, root, used);

    /// <summary>The text that was parsed.</summary>
    public string Text { get; }

    /// <summary>Whether it names a variable.</summary>
    public bool Uses(string variable) => _used.Contains(variable);

    /// <summary>Evaluates it.</summary>
    /// <param name="variables">The value of a variable; null when it has none.</param>
    /// <param name="meter">What it may cost.</param>
    /// <returns>The value; a <see cref="CelFault"/> that says why there is none.</returns>
    public CelValue Evaluate(Func<string, CelValue?> variables, CelMeter meter)
    {
        try
        {
            return new Evaluator(variables, meter).Evaluate(_root, null);
        }
        catch (CelBudgetException spent)
        {
            return new CelFault(spent.Message);
        }
    }
}
