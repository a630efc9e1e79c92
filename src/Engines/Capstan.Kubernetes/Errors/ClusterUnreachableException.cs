namespace Capstan.Kubernetes;

/// <summary>
/// The API server could not be spoken to: no connection, a broken one, no answer in time, or an answer that is no Kubernetes API.
/// Nothing is known of what the request did, unless <see cref="NeverSent"/>.
/// </summary>
public sealed class ClusterUnreachableException : Exception
{
    /// <summary>Tells which cluster and why.</summary>
    /// <param name="cluster">The cluster's name and address.</param>
    /// <param name="cause">Why, in one sentence.</param>
    /// <param name="neverSent">Whether it is sure that the server never saw the request.</param>
    /// <param name="inner">What the transport said.</param>
    public ClusterUnreachableException(string cluster, string cause, bool neverSent = false, Exception? inner = null)
        : base($"cluster {cluster} is not reachable: {cause}", inner)
    {
        Cause = cause;
        NeverSent = neverSent;
    }

    /// <summary>Why, in one sentence.</summary>
    public string Cause { get; }

    /// <summary>Whether it is sure that the server never saw the request.</summary>
    public bool NeverSent { get; }
}
