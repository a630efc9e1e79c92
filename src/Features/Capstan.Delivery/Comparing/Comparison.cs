using Capstan.Delivery.Applications;
using Capstan.Delivery.Sync.Directives;
using Capstan.Resources;

namespace Capstan.Delivery.Comparing;

/// <summary>One object of an Application: as it should be, as it is, and what lies between.</summary>
/// <param name="Kind">Kind with version.</param>
/// <param name="Key">Which object.</param>
/// <param name="Desired">As it should be; null for one that left the source.</param>
/// <param name="Live">As it is; null when it is not there.</param>
/// <param name="Differences">The fields that differ; empty when it is as desired, is not there, or left the source.</param>
/// <param name="Health">Its health; null for a kind without a rule.</param>
/// <param name="Owner">Another Application that the object belongs to; null when it is ours to write.</param>
public sealed record ComparedObject(
    GroupVersionKind Kind,
    ObjectKey Key,
    DesiredObject? Desired,
    KubernetesObject? Live,
    IReadOnlyList<FieldDifference> Differences,
    HealthAssessment? Health,
    string? Owner = null)
{
    /// <summary>Whether it left the source.</summary>
    public bool RequiresPruning => Desired is null;

    /// <summary>Whether it is as desired.</summary>
    public SyncCode Sync => Desired is not null && Live is not null && Differences.Count == 0 && Owner is null ? SyncCode.Synced : SyncCode.OutOfSync;

    /// <summary>Whether it left the source without making the Application OutOfSync: its own option says so.</summary>
    public bool IsExtraneous => Desired is null && Live is not null && ObjectDirectives.Of(Live).IgnoresExtraneous;
}

/// <summary>All objects of an Application compared.</summary>
/// <param name="Objects">Desired ones in the order in which they are applied, then those that left the source.</param>
public sealed record Comparison(IReadOnlyList<ComparedObject> Objects)
{
    /// <summary>Nothing desired and nothing live.</summary>
    public static readonly Comparison Empty = new([]);

    /// <summary>The hooks of the source; they are run and not compared.</summary>
    public IReadOnlyList<DesiredObject> Hooks { get; init; } = [];

    /// <summary>Synced when every object is.</summary>
    public SyncCode Sync => Objects.All(o => o.Sync == SyncCode.Synced || o.IsExtraneous) ? SyncCode.Synced : SyncCode.OutOfSync;

    /// <summary>How many objects the source wants.</summary>
    public int DesiredCount => Objects.Count(o => o.Desired is not null);
}
