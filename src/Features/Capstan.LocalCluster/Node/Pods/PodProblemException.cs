namespace Capstan.LocalCluster.Node.Pods;

/// <summary>A pod cannot go on, for a reason that Kubernetes has a word for.</summary>
/// <param name="reason">The word: <c>CreateContainerConfigError</c>, <c>ErrImagePull</c>, <c>FailedMount</c> …</param>
/// <param name="message">What is wrong and what to do.</param>
internal sealed class PodProblemException(string reason, string message) : Exception(message)
{
    public string Reason { get; } = reason;
}
