namespace Capstan.Resources;

/// <summary>Why a patch was refused; the API server answers each with another status.</summary>
public enum PatchProblem
{
    /// <summary>The patch itself is no valid patch (HTTP 400).</summary>
    Malformed,

    /// <summary>The patch is valid but does not fit the object: a test failed, a path is absent (HTTP 422).</summary>
    DoesNotApply,

    /// <summary>The patch has too many operations or grows the object too much (HTTP 413).</summary>
    TooLarge,
}

/// <summary>A patch that cannot be applied.</summary>
public sealed class PatchException : Exception
{
    /// <summary>Tells why.</summary>
    public PatchException(PatchProblem problem, string message)
        : base(message) => Problem = problem;

    /// <summary>What kind of refusal it is.</summary>
    public PatchProblem Problem { get; }

    internal static PatchException Malformed(string message) => new(PatchProblem.Malformed, message);

    internal static PatchException DoesNotApply(string message) => new(PatchProblem.DoesNotApply, message);
}
