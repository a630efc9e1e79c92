namespace Capstan.Reconcile;

/// <summary>
/// How one reconciliation of one key ended. Expected ends are values; an exception is only for what nobody foresaw, and the loop turns it
/// into <see cref="Failed"/>.
/// </summary>
/// <param name="Reason">One CamelCase word from the owner's vocabulary of reasons.</param>
/// <param name="Message">What a person should read; never holds a secret.</param>
public abstract record Outcome(string Reason, string Message)
{
    /// <summary>Done; nothing to do until something changes.</summary>
    /// <param name="Reason">One CamelCase word.</param>
    /// <param name="Message">What a person should read.</param>
    /// <param name="CheckAgain">When to look again although nothing changed; null for never.</param>
    public sealed record Succeeded(string Reason = "Succeeded", string Message = "", TimeSpan? CheckAgain = null) : Outcome(Reason, Message);

    /// <summary>Fine so far, but something else must happen first. Not a failure: no back-off grows.</summary>
    /// <param name="Reason">One CamelCase word.</param>
    /// <param name="Message">What is being waited for, and why.</param>
    /// <param name="For">How long until it is looked at again even if no event comes.</param>
    public sealed record Waiting(string Reason, string Message, TimeSpan For) : Outcome(Reason, Message);

    /// <summary>Trying again would not help: a person must change something. Not tried again until the object or its source changes.</summary>
    /// <param name="Reason">One CamelCase word.</param>
    /// <param name="Message">What is wrong.</param>
    /// <param name="NextAction">What a person should do.</param>
    public sealed record Stalled(string Reason, string Message, string NextAction) : Outcome(Reason, Message);

    /// <summary>It failed and may work later: tried again with a growing back-off.</summary>
    /// <param name="Reason">One CamelCase word.</param>
    /// <param name="Message">What failed and why.</param>
    /// <param name="NotBefore">What the other side asked for (Retry-After); null when it did not.</param>
    public sealed record Failed(string Reason, string Message, TimeSpan? NotBefore = null) : Outcome(Reason, Message);
}
