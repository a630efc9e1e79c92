using Capstan.Delivery.Applications;
using Capstan.Delivery.Controllers;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Settings.Argo;

/// <summary>Argo CD's settings as the engine's own cluster has them, beside the Applications, read once for each version.</summary>
internal sealed class ArgoSettingsBook(LiveCache live, DeliveryOptions options)
{
    private static readonly GroupKind ConfigMap = new("", "ConfigMap");

    private volatile Known? _known;

    /// <summary>The settings of now: those of the first namespace that has some.</summary>
    public ArgoSettings Current
    {
        get
        {
            var cached = options.ApplicationNamespaces.Select(s => live.Find(new ObjectKey(ConfigMap, s, ArgoSettingsReader.Name))).FirstOrDefault(m => m is not null);
            if (cached is null)
            {
                return ArgoSettings.Default;
            }

            if (_known is not { } known || known.Uid != cached.Uid || known.Version != cached.ResourceVersion)
            {
                _known = known = new Known(cached.Uid, cached.ResourceVersion, ArgoSettingsReader.Read(cached.Read().Body["data"] as YamlMap ?? YamlMap.Empty));
            }

            return known.Settings;
        }
    }

    /// <summary>Waits until they are known: by what objects are tracked must not be guessed.</summary>
    /// <exception cref="NotListedYetException">ConfigMaps are still being listed.</exception>
    /// <exception cref="ObservationException">They cannot be listed, or cannot be read.</exception>
    public ArgoSettings Require()
    {
        var held = live.Kind(ConfigMap);
        if (held.Phase == KindPhase.Failed)
        {
            throw new ObservationException(new ApplicationCondition(ConditionTypes.Comparison, $"ConfigMaps cannot be listed, so what {ArgoSettingsReader.Name} says is not known: {held.Cause}"));
        }

        if (held.Phase != KindPhase.Synced)
        {
            throw new NotListedYetException(new HashSet<GroupKind> { ConfigMap });
        }

        return Current is { Errors: { Count: > 0 } errors }
            ? throw new ObservationException(new ApplicationCondition(ConditionTypes.Comparison, $"{ArgoSettingsReader.Name}: {string.Join("; ", errors)}"))
            : Current;
    }

    private sealed record Known(string Uid, string Version, ArgoSettings Settings);
}
