using Capstan.Delivery.Comparing;

namespace Capstan.Delivery.Health;

/// <summary>The health of an Application: the worst of what it is made of (Argo CD, operator-manual/health.md).</summary>
internal static class AggregateHealth
{
    public const string Healthy = "Healthy";
    public const string Progressing = "Progressing";
    public const string Missing = "Missing";
    public const string Unknown = "Unknown";

    // From best to worst.
    private static readonly string[] Order = [Healthy, "Suspended", Progressing, Missing, "Degraded", Unknown];

    public static string Of(Comparison comparison)
    {
        var worst = 0;
        foreach (var compared in comparison.Objects.Where(o => o.Desired is not { Directives.IgnoresHealth: true }))
        {
            var place = Array.IndexOf(Order, Of(compared) ?? Healthy);
            worst = Math.Max(worst, place < 0 ? Order.Length - 1 : place);
        }

        return Order[worst];
    }

    /// <summary>The health of one object; null for one that is there and has no rule.</summary>
    public static string? Of(ComparedObject compared) =>
        compared.Live is null ? Missing : compared.Health?.Status.ToString();
}
