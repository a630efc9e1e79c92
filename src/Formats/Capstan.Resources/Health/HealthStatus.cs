namespace Capstan.Resources;

/// <summary>How an object is doing, from best to worst; the worst of an application's objects is the application's.</summary>
public enum HealthStatus : byte
{
    /// <summary>It does what it is for.</summary>
    Healthy,

    /// <summary>It was paused by somebody.</summary>
    Suspended,

    /// <summary>It is not there yet, but may come by itself.</summary>
    Progressing,

    /// <summary>It is not in the cluster.</summary>
    Missing,

    /// <summary>It failed, or did not get there in time.</summary>
    Degraded,

    /// <summary>It could not be assessed.</summary>
    Unknown,
}
