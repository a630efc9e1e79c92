namespace Capstan.Delivery.ApplicationSets;

/// <summary>
/// Deletions in mass wait for a person: a generator that yields nothing, or far less than before, is more often a mistake (a moved folder, a
/// selector with a typing error, a service that answers an empty list) than a wish.
/// </summary>
internal static class SafetyHold
{
    // Of fewer than this many, half is one or two.
    private const int Few = 4;

    /// <summary>Whether so many deletions have to be agreed to.</summary>
    /// <param name="existing">How many Applications the set has.</param>
    /// <param name="leaving">How many of them it does not make any more.</param>
    public static bool Holds(int existing, int leaving) => leaving > 0 && (leaving == existing || (existing >= Few && leaving * 2 > existing));

    /// <summary>What is said while it holds.</summary>
    public static string Message(ApplicationSet set, int existing, IReadOnlyList<string> leaving, DateTimeOffset since)
    {
        var shown = string.Join(", ", leaving.Take(5)) + (leaving.Count > 5 ? $" and {leaving.Count - 5} more" : "");
        return $"the generators do not yield {leaving.Count} of {existing} Applications any more ({shown}), so nothing is deleted until a person agrees: "
            + $"\"capstan approve appset {set.Object.Name}\", or the annotation {ApplicationSet.ApprovalAnnotation} with a time from {Applications.StatusWriter.Time(since)} on. "
            + $"A set that may well become empty says so by the annotation {ApplicationSet.MayEmptyAnnotation}: \"true\"";
    }
}
