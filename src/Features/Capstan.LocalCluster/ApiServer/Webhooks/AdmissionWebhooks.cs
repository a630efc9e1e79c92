using Capstan.LocalCluster.ApiServer.Expressions;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.Storage;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Webhooks;

/// <summary>Asks the admission webhooks that are configured (k8s.io/apiserver, pkg/admission/plugin/webhook): mutating ones in order, then validating ones at once.</summary>
internal sealed class AdmissionWebhooks(ObjectStore store, WebhookClient client, Access.Authorizer authorizer)
{
    private const string Group = "admissionregistration.k8s.io";
    private const string Mutating = $"mutatingwebhookconfigurations.{Group}";
    private const string Validating = $"validatingwebhookconfigurations.{Group}";

    /// <summary>The object as the mutating webhooks want it; the very same tree when none changes it.</summary>
    public async Task<YamlMap> MutateAsync(AdmissionCall call, YamlMap tree, CancellationToken cancellation)
    {
        var hooks = Hooks(Mutating, call);
        var (called, changedAfter) = (new List<(Webhook Hook, string Version)>(), -1);
        foreach (var hook in hooks)
        {
            if (VersionFor(hook, call, tree) is not { } version)
            {
                continue;
            }

            var changed = await MutateAsync(hook, version, call, tree, cancellation).ConfigureAwait(false);
            changedAfter = ReferenceEquals(changed, tree) ? changedAfter : called.Count;
            called.Add((hook, version));
            tree = changed;
        }

        // Those whose object was changed by a later one are asked once more.
        for (var i = 0; i < changedAfter; i++)
        {
            if (called[i].Hook.Reinvokes)
            {
                tree = await MutateAsync(called[i].Hook, called[i].Version, call, tree, cancellation).ConfigureAwait(false);
            }
        }

        return tree;
    }

    /// <summary>Refuses what a validating webhook refuses.</summary>
    /// <param name="call">The write.</param>
    /// <param name="tree">The object as it will be; null for a deletion.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    public async Task ValidateAsync(AdmissionCall call, YamlMap? tree, CancellationToken cancellation)
    {
        var asked = Hooks(Validating, call).Select(h => (Hook: h, Version: VersionFor(h, call, tree))).Where(h => h.Version is not null)
            .Select(h => AskAsync(h.Hook, h.Version!, call, tree, cancellation)).ToList();
        if (asked.Count > 0)
        {
            await Task.WhenAll(asked).ConfigureAwait(false);
        }
    }

    // Configurations themselves are never sent: a webhook could otherwise keep itself from being removed.
    private IReadOnlyList<Webhook> Hooks(string configurations, AdmissionCall call)
    {
        return !store.HasAny(configurations) || call.Target.Resource.Group == Group ? [] : [.. store.Snapshot(configurations).Table.In(null).SelectMany(c => c.Tree.Maps("webhooks")).Select(tree => new Webhook(tree))];
    }

    private string? VersionFor(Webhook hook, AdmissionCall call, YamlMap? tree)
    {
        if (hook.Rules.VersionFor(call) is not { } version || !hook.Rules.Selects(call, tree, store)) return null;
        if (!hook.HasConditions) return version;
        if (!MatchConditions.Hold(hook.Tree, new AdmissionVariables(call, version, tree, store, authorizer), ofPolicy: false, out var unclear)) return null;
        if (unclear is null) return version;
        return hook.FailsClosed ? throw ApiErrors.Forbidden(call.Target.Resource, call.Target.Name, unclear) : null;
    }

    private async Task<YamlMap> MutateAsync(Webhook hook, string version, AdmissionCall call, YamlMap tree, CancellationToken cancellation)
    {
        var answer = await AskAsync(hook, version, call, tree, cancellation).ConfigureAwait(false);
        if (answer?.Text("patch") is not { Length: > 0 } encoded)
        {
            return tree;
        }

        try
        {
            var seen = VersionConversion.ToVersion(call.Target.Resource, version, tree);
            var patched = JsonPatch.Apply(seen, JsonText.Read(Convert.FromBase64String(encoded)));
            return patched is YamlMap map ? VersionConversion.ToStorage(call.Target.Resource, map) : throw new FormatException("the patched object is no map");
        }
        catch (Exception error) when (error is PatchException or FormatException or YamlException)
        {
            throw ApiErrors.Internal($"admission webhook \"{hook.Name}\" sent a patch that does not apply: {error.Message}");
        }
    }

    // The answer of a webhook that allows the write; null of one whose failure does not count.
    private async Task<YamlMap?> AskAsync(Webhook hook, string version, AdmissionCall call, YamlMap? tree, CancellationToken cancellation)
    {
        if (call.DryRun && hook.HasSideEffects)
        {
            throw ApiErrors.BadRequest($"admission webhook \"{hook.Name}\" does not support dry run");
        }

        YamlMap answer;
        try
        {
            var uid = Guid.NewGuid().ToString();
            answer = await client.CallAsync(hook, uid, call.Request(uid, version, tree), cancellation).ConfigureAwait(false);
        }
        catch (WebhookFailedException error)
        {
            return hook.FailsClosed ? throw ApiErrors.Internal($"failed calling webhook \"{hook.Name}\": {error.Message}") : null;
        }

        foreach (var warning in answer["warnings"] as YamlList ?? YamlList.Empty)
        {
            call.Warn(warning.AsString() ?? "");
        }

        return answer.IsTrue("allowed") ? answer : throw Denied(hook, answer.MapAt("status"));
    }

    private static ApiStatusException Denied(Webhook hook, YamlMap status)
    {
        var words = status.Text("message") is { Length: > 0 } message ? $": {message}" : status.Text("reason") is { Length: > 0 } reason ? $": {reason}" : " without explanation";
        var code = (int)Math.Clamp(status.Number("code") ?? 400, 400, 599);
        return new ApiStatusException(code, status.Text("reason") is { Length: > 0 } given ? given : code == 403 ? ApiReasons.Forbidden : ApiReasons.BadRequest,
            $"admission webhook \"{hook.Name}\" denied the request{words}", status["details"] as YamlMap);
    }
}
