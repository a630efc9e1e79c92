using System.Collections.Concurrent;
using Capstan.Delivery.Applications;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Controllers;

/// <summary>Watches for Argo CD's own application controller: two controllers over the same Applications would undo one another's work.</summary>
internal sealed class ForeignControllers
{
    private const string ControllerName = "argocd-application-controller";

    private readonly ConcurrentDictionary<ObjectKey, bool> _running = new();

    /// <summary>What every Application says while one is there; null when none is.</summary>
    public ApplicationCondition? Condition => _running.Where(r => r.Value).Select(r => r.Key).OrderBy(k => k.ToString(), StringComparer.Ordinal).FirstOrDefault() is { Name: not null } key
        ? new ApplicationCondition(ConditionTypes.ForeignController, $"{key} runs in this cluster, so Capstan acts on nothing. Hand over with \"capstan migrate argocd\", or scale it to 0")
        : null;

    /// <summary>Takes a change in.</summary>
    /// <returns>Whether it changed what <see cref="Condition"/> says.</returns>
    public bool Take(ObjectChanged change)
    {
        if (change.Key.Name != ControllerName || change.Key.GroupKind is not { Group: "apps", Kind: "StatefulSet" or "Deployment" })
        {
            return false;
        }

        var before = Condition;
        _running[change.Key] = change.New is { } now && now.Read().Spec["replicas"] is not YamlScalar { Text: "0" };
        return before != Condition;
    }
}
