namespace Capstan.Promotion.Planning;

/// <summary>What the applications of a stage look like.</summary>
public enum StageHealth
{
    /// <summary>They do not run the stage's release yet, or are on their way.</summary>
    Progressing,

    /// <summary>They run the stage's release and are healthy.</summary>
    Healthy,

    /// <summary>They run the stage's release, or tried to, and it is bad.</summary>
    Degraded,
}

/// <summary>What was seen of a stage.</summary>
/// <param name="Health">How it is.</param>
/// <param name="Why">The evidence, where it is not healthy.</param>
public sealed record StageObservation(StageHealth Health, string Why = "");
