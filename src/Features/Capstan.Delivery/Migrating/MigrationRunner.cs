using System.Globalization;
using Capstan.Delivery.Applications;
using Capstan.Delivery.ApplicationSets;
using Capstan.Delivery.Bootstrap;
using Capstan.Delivery.Controllers;
using Capstan.Delivery.Projects;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Migrating;

/// <summary>
/// Carries a migration out: never while a controller of Argo CD's runs, and without touching one object that an Application manages. In the
/// cluster of Argo CD nothing is converted: the objects are Capstan's own kinds. From an export they are written anew.
/// </summary>
/// <param name="client">The cluster in which Capstan works.</param>
/// <param name="time">The clock.</param>
public sealed class MigrationRunner(ClusterClient client, TimeProvider time)
{
    /// <summary>The ConfigMap that records a hand-over, in the namespace of Argo CD.</summary>
    public const string Record = "capstan-migration";

    private static readonly ApplyOptions Writer = new() { FieldManager = "capstan-migrate" };

    // What a server gave an object there means nothing here.
    private static readonly string[] OfTheServer =
    [
        "uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds",
    ];

    /// <summary>The objects of an installation as they are in the cluster.</summary>
    public async Task<IReadOnlyList<MigrationObject>> ReadAsync(string space, CancellationToken cancellation)
    {
        GroupKind[] kinds = [Application.Kind.GroupKind, ApplicationSet.Kind.GroupKind, AppProject.Kind.GroupKind, new("", "Secret"), new("", "ConfigMap")];
        var found = new List<MigrationObject>();
        foreach (var kind in kinds)
        {
            try
            {
                var resource = await client.ResolveAsync(kind, cancellation).ConfigureAwait(false);
                var all = await client.ListAsync(resource, new ListOptions { Namespace = space }, cancellation).ConfigureAwait(false);
                found.AddRange(all.Items.Where(MigrationPlanner.Concerns).Select(o => new MigrationObject(o)));
            }
            catch (UnknownKindException) when (kind == ApplicationSet.Kind.GroupKind)
            {
                // Old installations have none.
                continue;
            }
        }

        return found;
    }

    /// <summary>Refuses while a controller of Argo CD's runs.</summary>
    /// <exception cref="DeliveryException">One does.</exception>
    public async Task GuardAsync(CancellationToken cancellation)
    {
        var running = await new ArgoControllers(client, time).RunningAsync(cancellation).ConfigureAwait(false);
        if (running.Count > 0)
        {
            throw new DeliveryException(
                $"{string.Join("; ", running)}. Two controllers would undo one another's work, so nothing was handed over. Scale them to 0, or add --stop-argocd");
        }
    }

    /// <summary>Records the hand-over of the installation in this cluster. Nothing else is written.</summary>
    public async Task HandOverAsync(string space, MigrationPlan plan, CancellationToken cancellation)
    {
        await GuardAsync(cancellation).ConfigureAwait(false);
        await client.ApplyAsync(
            new KubernetesObject(YamlMap.Of(
                ("apiVersion", "v1"), ("kind", "ConfigMap"), ("metadata", YamlMap.Of(("name", Record), ("namespace", space))),
                ("data", YamlMap.Of(
                    ("handedOverAt", time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)),
                    ("notSupported", string.Join('\n', plan.Items.Where(i => i.Verdict == MigrationVerdict.NotSupported).SelectMany(i => i.Findings))))))),
            Writer with { Force = true },
            cancellation).ConfigureAwait(false);
    }

    /// <summary>Writes the objects of an export into this cluster: all of them, or none when the server refuses one.</summary>
    /// <exception cref="DeliveryException">A controller runs, or an object was refused; says which and why.</exception>
    public async Task WriteAsync(MigrationPlan plan, CancellationToken cancellation)
    {
        await GuardAsync(cancellation).ConfigureAwait(false);
        var wanted = plan.Items.Where(i => i.Verdict != MigrationVerdict.Left).Select(i => i.Source.Object).ToList();
        await DeliveryBootstrap.EnsureAsync(client, [.. wanted.Select(o => o.Namespace).Distinct(StringComparer.Ordinal)], time, cancellation).ConfigureAwait(false);

        // 1. All at once for trial, so that a refusal of the last one leaves nothing half moved.
        var refused = new List<string>();
        foreach (var one in wanted)
        {
            try
            {
                await client.ApplyAsync(Portable(one, ""), OptionsFor(one) with { DryRun = true }, cancellation).ConfigureAwait(false);
            }
            catch (KubernetesException error)
            {
                refused.Add($"{one.Key}: {error.Message}");
            }
        }

        if (refused.Count > 0)
        {
            throw new DeliveryException($"nothing was written:\n  {string.Join("\n  ", refused)}");
        }

        // 2. For good, sets before what they generated, since an owner is known by its uid.
        var sets = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var one in wanted)
        {
            var set = Owner(one) is { } owner ? sets.GetValueOrDefault($"{one.Namespace}/{owner["name"]?.AsString()}", "") : "";
            var written = await client.ApplyAsync(Portable(one, set), OptionsFor(one), cancellation).ConfigureAwait(false);
            if (one.GroupKind == ApplicationSet.Kind.GroupKind)
            {
                sets[$"{one.Namespace}/{one.Name}"] = written.Object.Metadata["uid"]?.AsString() ?? "";
            }
        }
    }

    // The project default is there from the start, open; the one of the export must win.
    private static ApplyOptions OptionsFor(KubernetesObject one) => Writer with { Force = one.GroupKind == AppProject.Kind.GroupKind && one.Name == "default" };

    private static YamlMap? Owner(KubernetesObject one) =>
        (one.Metadata["ownerReferences"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().FirstOrDefault(o => o["kind"]?.AsString() == ApplicationSet.Kind.Kind);

    private static KubernetesObject Portable(KubernetesObject one, string setUid)
    {
        var metadata = new YamlMapBuilder();
        foreach (var (key, value) in one.Metadata)
        {
            if (key != "ownerReferences" && !OfTheServer.Contains(key))
            {
                metadata.Set(key, value);
            }
        }

        if (setUid.Length > 0)
        {
            metadata.Set("ownerReferences", YamlList.Create([Owner(one)!.With("uid", setUid)]));
        }

        return new KubernetesObject(one.Body.Without("operation").With("metadata", metadata.ToMap()));
    }
}
