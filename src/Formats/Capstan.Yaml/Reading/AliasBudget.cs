namespace Capstan.Yaml;

/// <summary>
/// Counts the steps that expanding all aliases would take, with go-yaml's allowance: above 100 aliased steps and 1,000 steps in all, the
/// aliased share may be 99 % up to 400,000 steps, and falls to 10 % at 4,000,000. The nodes themselves are shared, so a document that is
/// refused never took the memory.
/// </summary>
internal sealed class AliasBudget(ReadLimits limits)
{
    private const double LowSteps = 400_000;
    private const double HighSteps = 4_000_000;

    private long _aliased;

    /// <summary>Steps until now. The first is the document's own.</summary>
    public long Steps { get; private set; } = 1;

    /// <summary>Counts one node as written.</summary>
    public void Step(Position position) => Add(1, 0, position);

    /// <summary>
    /// Counts an alias to a node of so many steps. The share only grows within an alias, so one check at its end sees what checks
    /// at every step would have seen.
    /// </summary>
    public void Alias(long steps, Position position) => Add(1 + steps, steps, position);

    private void Add(long steps, long aliased, Position position)
    {
        Steps += steps;
        _aliased += aliased;
        if (_aliased > 100 && Steps > 1_000 && _aliased > Allowed(Steps) * Steps)
        {
            throw new YamlException("the document repeats itself by aliases excessively", position);
        }

        if (Steps > limits.MaxNodes)
        {
            throw new YamlException($"the input has more than {limits.MaxNodes:N0} nodes (aliases count with all that they repeat)", position);
        }
    }

    private static double Allowed(long steps) => steps switch
    {
        <= (long)LowSteps => 0.99,
        >= (long)HighSteps => 0.10,
        _ => 0.99 - (0.89 * ((steps - LowSteps) / (HighSteps - LowSteps))),
    };
}
