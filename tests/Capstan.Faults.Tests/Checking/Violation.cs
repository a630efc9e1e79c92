namespace Capstan.Faults.Tests.Checking;

/// <summary>A promise that was broken.</summary>
/// <param name="Promise">Its name in docs/reliability.md.</param>
/// <param name="Evidence">What was found.</param>
internal sealed record Violation(string Promise, string Evidence)
{
    public const string Durable = "durable writes";
    public const string Atomic = "atomic";
    public const string Converges = "converges";
    public const string Quiet = "quiet";
    public const string PruneSafe = "prune safety";
    public const string Restarts = "restarts";

    public override string ToString() => $"{Promise}: {Evidence}";
}
