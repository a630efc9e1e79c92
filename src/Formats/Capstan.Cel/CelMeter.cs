namespace Capstan.Cel;

/// <summary>What an evaluation may cost, in units of about one small operation; Kubernetes counts in such units too. One meter may serve several evaluations.</summary>
public sealed class CelMeter
{
    /// <summary>What Kubernetes allows one rule on one value.</summary>
    public const long OneRule = 1_000_000;

    /// <summary>What Kubernetes allows all rules of one object.</summary>
    public const long OneObject = 10_000_000;

    private readonly CelMeter? _whole;
    private long _left;

    /// <summary>Makes a meter.</summary>
    /// <param name="budget">How much may be spent.</param>
    /// <param name="whole">A meter that pays too; null for none.</param>
    public CelMeter(long budget, CelMeter? whole = null) => (_left, _whole) = (budget, whole);

    /// <summary>Whether all was spent.</summary>
    public bool IsEmpty => _left < 0;

    internal static CelMeter Unlimited() => new(long.MaxValue);

    internal void Spend(long cost)
    {
        _whole?.Spend(cost);
        _left -= cost;
        if (_left < 0) throw new CelBudgetException();
    }

    // A step of a text is cheaper than one of a list.
    internal void SpendText(int length) => Spend((length / 10) + 1);
}

/// <summary>The budget is spent. It never leaves the project.</summary>
internal sealed class CelBudgetException() : Exception("operation cancelled: actual cost limit exceeded");
