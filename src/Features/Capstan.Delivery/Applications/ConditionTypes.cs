namespace Capstan.Delivery.Applications;

/// <summary>The types of an Application's conditions. Those that Argo CD knows keep its names.</summary>
public static class ConditionTypes
{
    /// <summary>The Application itself is wrong, or asks for something that is not served; a person must change it. Nothing is synced.</summary>
    public const string InvalidSpec = "InvalidSpecError";

    /// <summary>Desired or live state could not be told, so nothing was compared and nothing is pruned.</summary>
    public const string Comparison = "ComparisonError";

    /// <summary>A sync failed or was refused; goes when one succeeds.</summary>
    public const string Sync = "SyncError";

    /// <summary>Deleting the Application's objects did not finish.</summary>
    public const string Deletion = "DeletionError";

    /// <summary>The Application is being deleted, and something is waited for.</summary>
    public const string Deleting = "DeletionWarning";

    /// <summary>Another Application claims one of the objects.</summary>
    public const string SharedResource = "SharedResourceWarning";

    /// <summary>The source holds one object twice; the last one counts.</summary>
    public const string RepeatedResource = "RepeatedResourceWarning";

    /// <summary>An object of a kind that the operator leaves out; it is neither applied nor pruned.</summary>
    public const string ExcludedResource = "ExcludedResourceWarning";

    /// <summary>Something in <c>argocd-cm</c> that is not understood; what counts without it counts.</summary>
    public const string Settings = "InvalidSettingsWarning";

    /// <summary>Objects in the destination's namespace that nobody delivers, where the project asks for them.</summary>
    public const string Orphaned = "OrphanedResourceWarning";

    /// <summary>An annotation that steers a sync and is not understood; what counts without it counts.</summary>
    public const string Annotation = "InvalidAnnotationWarning";

    /// <summary>Something that the sources may not write: Capstan's own kinds or namespaces, or what lies outside the project.</summary>
    public const string Forbidden = "ForbiddenResourceError";

    /// <summary>Automation rests because the Application is pinned to a revision.</summary>
    public const string Pinned = "PinnedWarning";

    /// <summary>Automation rests because a person paused it, on the Application, its set or its project.</summary>
    public const string Paused = "PausedWarning";

    /// <summary>Automated sync rests because of a sync window of the project.</summary>
    public const string SyncWindow = "SyncWindowWarning";

    /// <summary>Another controller (Argo CD's) runs in this cluster, so nothing is acted upon.</summary>
    public const string ForeignController = "ForeignControllerWarning";

    /// <summary>Something unexpected went wrong inside the engine.</summary>
    public const string Unknown = "UnknownError";
}

/// <summary>One condition of an Application.</summary>
/// <param name="Type">One of <see cref="ConditionTypes"/>.</param>
/// <param name="Message">What is wrong, where, why, and what to do next.</param>
public sealed record ApplicationCondition(string Type, string Message)
{
    /// <summary>Whether the condition keeps the Application from being synced; warnings do not.</summary>
    public bool IsError => Type.EndsWith("Error", StringComparison.Ordinal);
}
