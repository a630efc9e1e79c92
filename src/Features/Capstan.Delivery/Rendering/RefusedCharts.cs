using Capstan.Kustomize;

namespace Capstan.Delivery.Rendering;

/// <summary>Says who can allow the charts of kustomizations.</summary>
internal sealed class RefusedCharts : IChartInflator
{
    public string Inflate(ChartInflation inflation) => throw new KustomizeException(
        "helmCharts are not enabled here; the operator allows them with spec.kustomize.helmCharts in the Settings of the platform repository", kind: KustomizeProblem.NotAllowed);
}
