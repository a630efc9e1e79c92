using Capstan.Delivery.ApplicationSets.Hosting;
using Capstan.Delivery.Scripts;

namespace Capstan.Delivery.Controllers;

/// <summary>How the engine works.</summary>
public sealed record DeliveryOptions
{
    /// <summary>The namespaces whose Applications are served, the first one the engine's own. In all of them objects are tracked by the bare name.</summary>
    public IReadOnlyList<string> ApplicationNamespaces { get; init; } = ["capstan", "argocd"];

    /// <summary>The namespaces that only the platform repository may write into.</summary>
    public IReadOnlySet<string> OwnNamespaces { get; init; } = new HashSet<string> { "capstan", "argocd" };

    /// <summary>The addresses of the platform repository. Applications with another source may not write Capstan's kinds and namespaces.</summary>
    public IReadOnlyList<string> PlatformRepositories { get; init; } = [];

    /// <summary>Addresses of repositories that the operator registered, beside those in labelled Secrets.</summary>
    public IReadOnlyList<string> RegisteredRepositories { get; init; } = [];

    /// <summary>Hosts of Git hosting services inside the network that generators may ask, in lower case.</summary>
    public IReadOnlySet<string> HostingHosts { get; init; } = new HashSet<string>();

    /// <summary>The Git host of this process, for generators that list its repositories; null when there is none.</summary>
    public IHostingApi? OwnHosting { get; init; }

    /// <summary>How often repositories elsewhere are asked for news, unless the Application says otherwise.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a sync rests between two waves, so that controllers notice what was applied before its health is asked for.</summary>
    public TimeSpan WaveDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How many Applications are worked on at the same time: more than writes, since most of the time each waits for one of its own.</summary>
    public int Workers { get; init; } = 32;

    /// <summary>How many writes run against one cluster at the same time.</summary>
    public int WritesAtOnce { get; init; } = 16;

    /// <summary>How the child process for scripts of <c>argocd-cm</c> is started; null where scripts are not run.</summary>
    public ScriptProgram? Scripts { get; init; }

    /// <summary>Where commits written by a rollback say they come from.</summary>
    public string CommitterEmail { get; init; } = "capstan@localhost";
}
