namespace Capstan.Delivery.ApplicationSets;

/// <summary>Types and reasons of a set's conditions, as Argo CD writes them; <see cref="DeletionsHeld"/> is Capstan's own.</summary>
internal static class SetConditions
{
    public const string ErrorOccurred = "ErrorOccurred";
    public const string ParametersGenerated = "ParametersGenerated";
    public const string ResourcesUpToDate = "ResourcesUpToDate";
    public const string RolloutProgressing = "RolloutProgressing";

    /// <summary>Deletions wait for a person, because the generators yield nothing, or far less than before.</summary>
    public const string DeletionsHeld = "DeletionsHeld";

    public const string UpToDate = "ApplicationSetUpToDate";
    public const string Generated = "ParametersGenerated";
    public const string ParametersNotGenerated = "ApplicationGenerationFromParamsError";
    public const string NotRendered = "RenderTemplateParamsError";
    public const string NotValid = "ApplicationValidationError";
    public const string NotWritten = "UpdateApplicationError";
    public const string NotDeleted = "DeleteApplicationError";
    public const string Modified = "ApplicationSetModified";
    public const string RolloutComplete = "ApplicationSetRolloutComplete";
    public const string FarFewer = "FarFewerApplications";
    public const string InvalidSpec = "InvalidSpec";
    public const string ForeignController = "ForeignController";
}

/// <summary>A condition of a set.</summary>
/// <param name="Type">What it is about.</param>
/// <param name="Status">Whether it holds.</param>
/// <param name="Reason">The reason in one word.</param>
/// <param name="Message">For people: what, why, and what to do next.</param>
internal sealed record SetCondition(string Type, bool Status, string Reason, string Message);
