namespace Capstan.LocalCluster.Controllers.Running;

/// <summary>Carries a controller's changes out under the same rules as a client's request: defaults, generation, finalizers.</summary>
internal interface IObjectWriter
{
    /// <summary>Makes a change.</summary>
    Task<WriteResult> WriteAsync(ObjectWrite write, CancellationToken cancellation);
}

/// <summary>What came of a controller's change.</summary>
internal enum WriteResult
{
    /// <summary>It is committed, or was not needed any more.</summary>
    Done,

    /// <summary>The object changed meanwhile: the controller must look again.</summary>
    Stale,
}
