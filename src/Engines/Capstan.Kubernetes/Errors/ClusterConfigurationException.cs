namespace Capstan.Kubernetes;

/// <summary>What was given to reach a cluster (kubeconfig, certificate, address) is not usable. A person must change it.</summary>
public sealed class ClusterConfigurationException : Exception
{
    /// <summary>Tells what is not usable, and what to do.</summary>
    public ClusterConfigurationException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
