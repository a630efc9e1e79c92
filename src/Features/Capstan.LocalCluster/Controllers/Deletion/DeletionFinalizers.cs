namespace Capstan.LocalCluster.Controllers.Deletion;

/// <summary>The finalizers by which an object waits for the garbage collector; the API server sets them from the propagation policy.</summary>
internal static class DeletionFinalizers
{
    /// <summary>The object goes after its dependents that block it.</summary>
    public const string Foreground = "foregroundDeletion";

    /// <summary>The object goes after its dependents have forgotten it.</summary>
    public const string Orphan = "orphan";
}
