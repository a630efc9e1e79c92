namespace Capstan.Delivery.Explaining;

/// <summary>Why something is not green.</summary>
/// <param name="What">What is wrong.</param>
/// <param name="Cause">Why, with the evidence.</param>
/// <param name="Since">Since when; null when unknown.</param>
/// <param name="Next">What to do next.</param>
public sealed record Explanation(string What, string Cause, DateTimeOffset? Since, string Next);
