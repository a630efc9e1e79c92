using Capstan.Delivery.Controllers;
using Capstan.Delivery.Scripts;
using Capstan.Delivery.Settings.Argo;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Actions;

/// <summary>The actions that <c>resource.customizations.actions</c> define in Lua: what there is, and what each makes (Argo CD, operator-manual/resource_actions.md).</summary>
internal sealed class ScriptedActionRun(ScriptHost scripts)
{
    /// <exception cref="DeliveryException">The discovery failed.</exception>
    public async Task<IReadOnlyList<ResourceAction>> DiscoverAsync(ScriptedActions actions, KubernetesObject live, CancellationToken cancellation)
    {
        if (actions.Discovery.Length == 0)
        {
            return [.. actions.Scripts.Keys.Select(n => new ResourceAction(n, false, []))];
        }

        var said = await AskAsync(actions.Discovery, live, "discovery.lua", new Dictionary<string, string>(), cancellation).ConfigureAwait(false);
        // Lua's tables have no order; that of the definitions is the operator's.
        var found = said as YamlMap ?? YamlMap.Empty;
        return [.. actions.Scripts.Keys.Where(found.ContainsKey).Select(name => new ResourceAction(
            name,
            found[name] is YamlMap map && map["disabled"] is YamlScalar { Text: "true" },
            [.. ((found[name] as YamlMap)?["params"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().Select(p => new ActionParameter(p["name"]?.AsString() ?? "", p["default"]?.AsString()))]))];
    }

    /// <exception cref="DeliveryException">The script failed, or returned no object.</exception>
    public async Task<IReadOnlyList<ActionChange>> RunAsync(
        ScriptedActions actions, string name, KubernetesObject live, IReadOnlyDictionary<string, string> parameters, CancellationToken cancellation)
    {
        var said = await AskAsync(actions.Scripts[name], live, name, parameters, cancellation).ConfigureAwait(false);
        IReadOnlyList<ActionChange> changes = said switch
        {
            YamlMap map => [new ActionChange(Restored(map, live))],
            YamlList list => [.. list.OfType<YamlMap>().Select(item => item["operation"]?.AsString() switch
            {
                "create" => new ActionChange(new KubernetesObject(item["resource"] as YamlMap ?? YamlMap.Empty), IsNew: true),
                _ => new ActionChange(Restored(item["resource"] as YamlMap ?? YamlMap.Empty, live)),
            })],
            _ => [],
        };
        var problems = changes.SelectMany(c => ObjectRules.Problems(c.Object.Body)).ToList();
        return changes.Count > 0 && problems.Count == 0 ? changes
            : throw new DeliveryException($"action {name} of {live.GroupKind} returned no object{string.Concat(problems.Select(p => $"; {p}"))}. Correct its script in argocd-cm");
    }

    // Lua has one empty table for lists and maps, and no nulls: where the object had them, they are as they were.
    private static KubernetesObject Restored(YamlMap said, KubernetesObject live) => new((YamlMap)Restored(said, live.Body));

    private static YamlNode Restored(YamlNode said, YamlNode? before) => (said, before) switch
    {
        (YamlMap { Count: 0 }, YamlList) => YamlList.Empty,
        (YamlMap map, YamlMap was) => YamlMap.Of([
            .. map.Select(e => (e.Key, Restored(e.Value, was[e.Key]))),
            .. was.Where(e => e.Value.IsNull && !map.ContainsKey(e.Key)).Select(e => (e.Key, e.Value)),
        ]),
        (YamlList list, YamlList was) => new YamlList(list.Select((item, i) => Restored(item, i < was.Count ? was[i] : null))),
        _ => said,
    };

    private async Task<YamlNode?> AskAsync(string script, KubernetesObject live, string what, IReadOnlyDictionary<string, string> parameters, CancellationToken cancellation)
    {
        var answer = await scripts.RunAsync(new ScriptRequest(script, live.Body) { Parameters = parameters }, cancellation).ConfigureAwait(false);
        return answer.Error is { } error ? throw new DeliveryException($"resource.customizations.actions of {live.GroupKind}: {what} failed: {error}") : answer.Value;
    }
}
