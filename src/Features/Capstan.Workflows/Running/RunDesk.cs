using System.Globalization;

namespace Capstan.Workflows.Running;

/// <summary>What all runs share.</summary>
/// <param name="Turns">Jobs at the same time.</param>
/// <param name="Groups">Groups of which one member runs.</param>
/// <param name="Tokens">Makes the tokens of jobs.</param>
/// <param name="Time">The clock.</param>
internal sealed record RunDesk(SemaphoreSlim Turns, ConcurrencyGroups Groups, IRunTokens Tokens, TimeProvider Time)
{
    /// <summary>The time as objects have it.</summary>
    public string Now() => Time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
}
