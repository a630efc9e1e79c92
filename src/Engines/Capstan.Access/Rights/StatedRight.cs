namespace Capstan.Access.Rights;

/// <summary>What a route does. It stands in the route's metadata, where the guard and the test of all routes read it; a route without one, and
/// without <see cref="OpenToAll"/>, is never reached.</summary>
/// <param name="Verb">What it does.</param>
/// <param name="Resource">With what.</param>
/// <param name="NameFrom">The route's parameter that names the thing; null where it speaks of all of the kind.</param>
public sealed record StatedRight(Verb Verb, ResourceKind Resource, string? NameFrom = null)
{
    /// <summary>Whether the route asks <see cref="AccessRules"/> by itself, since its protocol has an answer of its own to "not allowed".</summary>
    public bool AsksItself { get; init; }

    /// <summary>Whether being signed in is enough, since the route speaks first of what belongs to whoever asks; it asks for the rest by itself.</summary>
    public bool OwnIsEnough { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Verb.ToString().ToLowerInvariant()} {Resource.ToString().ToLowerInvariant()}";
}

/// <summary>A route that anybody may call.</summary>
/// <param name="Why">Why that is safe.</param>
public sealed record OpenToAll(string Why);
