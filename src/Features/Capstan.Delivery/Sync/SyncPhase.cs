namespace Capstan.Delivery.Sync;

/// <summary>The parts of a sync, in their order.</summary>
public enum SyncPhase
{
    /// <summary>Hooks before anything is applied.</summary>
    PreSync,

    /// <summary>Everything is applied, and hooks beside it run.</summary>
    Sync,

    /// <summary>Hooks when everything is healthy.</summary>
    PostSync,

    /// <summary>Hooks when something failed; the other parts end there.</summary>
    SyncFail,

    /// <summary>Hooks before the objects of a deleted Application go; no part of a sync.</summary>
    PreDelete,

    /// <summary>Hooks when they are gone; no part of a sync.</summary>
    PostDelete,
}

/// <summary>How far a task of a sync is.</summary>
public enum TaskPhase
{
    /// <summary>It was begun; a hook runs, an object is applied.</summary>
    Running,

    /// <summary>It is over and well.</summary>
    Succeeded,

    /// <summary>It is over and did not work.</summary>
    Failed,
}
