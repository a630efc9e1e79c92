using Capstan.Delivery.Scripts;
using Capstan.Delivery.Settings.Argo;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Health;

/// <summary>
/// How an object is doing: by the operator's script for its kind where there is one (Argo CD, operator-manual/health.md), else by the built-in rule.
/// A script that fails makes the object Unknown, with what it said.
/// </summary>
internal sealed class ObjectHealth(ScriptHost scripts)
{
    public async ValueTask<HealthAssessment?> OfAsync(KubernetesObject live, ArgoSettings settings, CancellationToken cancellation)
    {
        // What is being deleted is waited for, whatever a script would say.
        if (settings.HealthScript(live.GroupKind) is not { } custom || HealthAssessment.OfDeletion(live) is not null)
        {
            return HealthAssessment.Of(live);
        }

        var answer = await scripts.RunAsync(new ScriptRequest(custom.Script, live.Body, custom.OpenLibraries), cancellation).ConfigureAwait(false);
        if (answer.Error is { } error)
        {
            return new HealthAssessment(HealthStatus.Unknown, $"resource.customizations.health of {live.GroupKind} failed: {error}");
        }

        if (answer.Value is not YamlMap { Count: > 0 } said)
        {
            return null;
        }

        var status = said["status"]?.AsString() ?? "";
        return Enum.TryParse<HealthStatus>(status, out var health) && health.ToString() == status
            ? new HealthAssessment(health, said["message"]?.AsString() ?? "")
            : new HealthAssessment(HealthStatus.Unknown, $"resource.customizations.health of {live.GroupKind} returned the status \"{status}\", which is none");
    }
}
