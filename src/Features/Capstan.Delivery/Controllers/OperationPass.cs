namespace Capstan.Delivery.Controllers;

/// <summary>How an operation was left for now.</summary>
/// <param name="GoesOn">Whether it can go on at once, with a fresh look.</param>
/// <param name="Wait">When to come back at the latest; null when only news can move it, or when it is over.</param>
internal readonly record struct OperationPass(bool GoesOn = false, TimeSpan? Wait = null)
{
    /// <summary>It is over.</summary>
    public static readonly OperationPass Over;
}
