using Capstan.Delivery.Applications;
using Capstan.Delivery.Controllers;
using Capstan.Delivery.Explaining;
using Capstan.Delivery.Settings.Argo;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Actions;

/// <summary>What an action did.</summary>
/// <param name="Written">The objects that it changed or made.</param>
/// <param name="Note">What there is to know beside it; empty for nothing.</param>
public sealed record ActionOutcome(IReadOnlyList<string> Written, string Note);

/// <summary>
/// Answers which actions an object of an Application has, and carries one out. Nothing outside the Application's tree is touched, and what is made
/// beside it lies within the project.
/// </summary>
public sealed class ActionDesk
{
    private static readonly WriteOptions Write = new() { FieldManager = "capstan-action" };

    private readonly Func<ApplicationKey, Observation?> _seen;
    private readonly ArgoSettingsBook _settings;
    private readonly ScriptedActionRun _scripted;
    private readonly Func<Observation, ObjectKey, string?> _refusal;
    private readonly TimeProvider _time;

    internal ActionDesk(Func<ApplicationKey, Observation?> seen, ArgoSettingsBook settings, ScriptedActionRun scripted, Func<Observation, ObjectKey, string?> refusal, TimeProvider time) =>
        (_seen, _settings, _scripted, _refusal, _time) = (seen, settings, scripted, refusal, time);

    /// <summary>The actions of an object.</summary>
    /// <param name="application">The Application.</param>
    /// <param name="object"><c>KIND/NAME</c> or <c>KIND/NAMESPACE/NAME</c>.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="DeliveryException">There is no such object in the Application's tree, or a script failed.</exception>
    public async Task<(string Object, IReadOnlyList<ResourceAction> Actions)> ListAsync(ApplicationKey application, string @object, CancellationToken cancellation)
    {
        var (_, live) = await FindAsync(application, @object, cancellation).ConfigureAwait(false);
        return (live.Key.ToString(), await ActionsAsync(live, cancellation).ConfigureAwait(false));
    }

    /// <summary>Carries an action out.</summary>
    /// <param name="application">The Application.</param>
    /// <param name="object"><c>KIND/NAME</c> or <c>KIND/NAMESPACE/NAME</c>.</param>
    /// <param name="action">The action.</param>
    /// <param name="parameters">What it wants to be told.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="DeliveryException">There is no such object or action, it cannot be done now, or the cluster refused it.</exception>
    public async Task<ActionOutcome> RunAsync(ApplicationKey application, string @object, string action, IReadOnlyDictionary<string, string> parameters, CancellationToken cancellation)
    {
        var (seen, live) = await FindAsync(application, @object, cancellation).ConfigureAwait(false);
        var actions = await ActionsAsync(live, cancellation).ConfigureAwait(false);
        var chosen = actions.FirstOrDefault(a => a.Name == action)
            ?? throw new DeliveryException($"{live.Key} has no action \"{action}\"; {(actions.Count == 0 ? "it has none at all" : $"there are {string.Join(", ", actions.Select(a => a.Name))}")}");
        if (chosen.Disabled)
        {
            throw new DeliveryException($"{live.Key}: \"{action}\" cannot be done in the state that it is in");
        }

        var given = chosen.Parameters.Where(p => p.Default is not null).ToDictionary(p => p.Name, p => p.Default!, StringComparer.Ordinal);
        foreach (var (name, value) in parameters)
        {
            given[name] = value;
        }

        var changes = _settings.Current.ActionsOf(live.GroupKind) is { } scripted && scripted.Actions.Scripts.ContainsKey(action)
            ? await _scripted.RunAsync(scripted.Actions, action, live, given, cancellation).ConfigureAwait(false)
            : [BuiltInActions.Of(live.GroupKind).First(a => a.Name == action).Change(live, new ActionInputs(given, _time.GetUtcNow()))];
        var written = new List<string>();
        foreach (var change in changes)
        {
            written.Add(await WriteAsync(seen, live, change, cancellation).ConfigureAwait(false));
        }

        return new ActionOutcome(written, Note(seen, live, changes));
    }

    private async Task<IReadOnlyList<ResourceAction>> ActionsAsync(KubernetesObject live, CancellationToken cancellation)
    {
        var scripted = _settings.Current.ActionsOf(live.GroupKind);
        var own = scripted is { } custom ? await _scripted.DiscoverAsync(custom.Actions, live, cancellation).ConfigureAwait(false) : [];
        return scripted is { Actions.MergesBuiltIn: false }
            ? own
            : [.. own, .. BuiltInActions.Of(live.GroupKind).Where(b => own.All(o => o.Name != b.Name)).Select(b => new ResourceAction(b.Name, !b.IsPossible(live), b.Parameters))];
    }

    private async Task<(Observation Seen, KubernetesObject Live)> FindAsync(ApplicationKey application, string text, CancellationToken cancellation)
    {
        var seen = _seen(application) ?? throw new DeliveryException($"Application/{application} was not compared yet; ask again in a moment");
        var keys = seen.Comparison.Objects.Where(o => o.Live is not null)
            .SelectMany(o => ObjectTree.Descendants(o.Live!.Uid, seen.Cluster.Live).Select(d => d.Key).Prepend(o.Key)).Distinct().ToList();
        var found = keys.Where(k => k.ToString() == text).DefaultIfEmpty().First() is { Name: not null } whole ? [whole]
            : keys.Where(k => string.Equals($"{k.GroupKind.Kind}/{k.Name}", text, StringComparison.OrdinalIgnoreCase)).ToList();
        var key = found.Count switch
        {
            1 => found[0],
            0 => throw new DeliveryException($"{text}: is no live object of Application {application.Name}; `capstan tree {application.Name}` lists all"),
            _ => throw new DeliveryException($"{text}: there are several: {string.Join(", ", found)}; name its namespace too"),
        };
        return (seen, await seen.Cluster.Client.FindAsync(key, cancellation).ConfigureAwait(false) ?? throw new DeliveryException($"{key} was deleted a moment ago"));
    }

    // What changed is patched, guarded by the version that was looked at; status by its own door where the kind has one.
    private async Task<string> WriteAsync(Observation seen, KubernetesObject live, ActionChange change, CancellationToken cancellation)
    {
        var (client, key) = (seen.Cluster.Client, change.Object.Key);
        try
        {
            if (change.IsNew)
            {
                return _refusal(seen, key) is { } refusal
                    ? throw new DeliveryException($"{key}: {refusal}")
                    : (await client.CreateAsync(change.Object, Write, cancellation).ConfigureAwait(false)).Object.Key.ToString();
            }

            if (key != live.Key)
            {
                throw new DeliveryException($"the action wants to change {key}, which is another object than {live.Key}");
            }

            var resource = await client.ResolveAsync(live.GroupVersionKind, cancellation).ConfigureAwait(false);
            var patch = MergePatch.Create(live.Body, change.Object.Body) as YamlMap ?? YamlMap.Empty;
            if (patch.Without("status") is { Count: > 0 } main)
            {
                var guarded = main.WithAt(["metadata", "resourceVersion"], live.ResourceVersion);
                await client.PatchAsync(resource, live.Namespace, live.Name, PatchKind.Merge, guarded, Write, cancellation: cancellation).ConfigureAwait(false);
            }

            if (patch["status"] is { } status)
            {
                await PatchStatusAsync(client, resource, live, YamlMap.Of(("status", status)), cancellation).ConfigureAwait(false);
            }

            return key.ToString();
        }
        catch (Exception error) when (error is KubernetesException or UnknownKindException)
        {
            throw new DeliveryException($"{key}: {error.Message}", error);
        }
    }

    private static async Task PatchStatusAsync(ClusterClient client, ApiResource resource, KubernetesObject live, YamlMap patch, CancellationToken cancellation)
    {
        try
        {
            await client.PatchAsync(resource, live.Namespace, live.Name, PatchKind.Merge, patch, Write, "status", cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException error) when (error.IsNotFound)
        {
            await client.PatchAsync(resource, live.Namespace, live.Name, PatchKind.Merge, patch, Write, cancellation: cancellation).ConfigureAwait(false);
        }
    }

    // A field that Git sets is drift from now on, and is brought back where the Application heals itself.
    private static string Note(Observation seen, KubernetesObject live, IReadOnlyList<ActionChange> changes)
    {
        var desired = seen.Comparison.Objects.FirstOrDefault(o => o.Key == live.Key)?.Desired;
        if (desired is null || seen.Application.Automation is not { SelfHeal: true } || changes.FirstOrDefault(c => !c.IsNew) is not { } change)
        {
            return "";
        }

        var spec = MergePatch.Create(live.Spec, change.Object.Spec) as YamlMap ?? YamlMap.Empty;
        var set = spec.Keys.Where(k => k != "template" && desired.Object.Spec.ContainsKey(k)).ToList();
        return set.Count == 0 ? "" : $"Git sets {string.Join(", ", set.Select(f => "spec." + f))}, so selfHeal brings it back; change it there";
    }
}
