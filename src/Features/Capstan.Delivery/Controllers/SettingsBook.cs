using Capstan.Delivery.Settings;
using Capstan.Kubernetes;
using Capstan.Resources;

namespace Capstan.Delivery.Controllers;

/// <summary>The operator's settings as the engine's own cluster has them, read once for each version.</summary>
internal sealed class SettingsBook(LiveCache live, DeliveryOptions options)
{
    private readonly ObjectKey _key = new(OperatorSettings.Kind.GroupKind, options.ApplicationNamespaces[0], OperatorSettings.Name);
    private volatile Known? _known;

    /// <summary>
    /// The settings of now. Where there are none, or they cannot be read, nothing is allowed; a rendering refuses such a file before it gets
    /// here, so that only somebody who writes into the cluster itself can bring that about.
    /// </summary>
    public OperatorSettings Current
    {
        get
        {
            if (live.Find(_key) is not { } cached)
            {
                return OperatorSettings.Default;
            }

            if (_known is not { } known || known.Version != cached.ResourceVersion)
            {
                _known = known = new Known(cached.ResourceVersion, SettingsReader.Read(cached.Read()).Settings);
            }

            return known.Settings;
        }
    }

    /// <summary>Waits for the list of settings before something is refused for the lack of them.</summary>
    /// <exception cref="NotListedYetException">They are still being listed.</exception>
    public void RequireListed()
    {
        if (live.Kind(OperatorSettings.Kind.GroupKind).Phase == KindPhase.Listing)
        {
            throw new NotListedYetException(new HashSet<GroupKind> { OperatorSettings.Kind.GroupKind });
        }
    }

    private sealed record Known(string Version, OperatorSettings Settings);
}
