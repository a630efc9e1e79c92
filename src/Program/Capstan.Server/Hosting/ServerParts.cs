using Capstan.Access.Rights;
using Capstan.Access.SignIn;
using Capstan.Access.Tokens;
using Capstan.Delivery.Actions;
using Capstan.Delivery.ApplicationSets;
using Capstan.Delivery.Settings;
using Capstan.GitHost.Repositories;
using Capstan.Kubernetes;
using Capstan.Registry.Storage;
using Capstan.Server.Applications;
using Capstan.Server.Backups;
using Capstan.Server.Bindings;
using Capstan.Server.Endpoints;
using Capstan.Server.Live;
using Capstan.Server.Metrics;
using Capstan.Server.Notifications;
using Capstan.Server.People;
using Capstan.Server.Pipelines;
using Capstan.Server.Platform;
using Capstan.Server.Tracing;
using Capstan.Server.Webhooks;
using Capstan.Sources.Git;
using Capstan.Workflows.Controlling;

namespace Capstan.Server.Hosting;

/// <summary>What the endpoints use, composed once at start.</summary>
internal sealed record ServerParts
{
    public required ServerSettings Settings { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>What becomes of the embedded cluster's pods, for people; empty for another cluster.</summary>
    public required string Pods { get; init; }

    public required GitProgram Git { get; init; }

    public required GitMirrors Mirrors { get; init; }

    public required RepositoryStore Repositories { get; init; }

    public required ImageStore Images { get; init; }

    public required PlatformRepository Platform { get; init; }

    /// <summary>Makes backups of the data folder.</summary>
    public required DataBackup Backup { get; init; }

    public required ClusterClient Cluster { get; init; }

    public required AccessRules Rules { get; init; }

    public required TokenBook Tokens { get; init; }

    public required AccessKeeper Access { get; init; }

    public required SessionBook Sessions { get; init; }

    public required OneTimeCodes Codes { get; init; }

    public required DeviceLogins Devices { get; init; }

    public required SignInDesk SignIn { get; init; }

    public OpenIdProvider? OpenId { get; init; }

    /// <summary>What a cluster of others says to who may do what; null for the embedded one.</summary>
    public ClusterOpinions? Opinions { get; init; }

    public required ActivityLog Activity { get; init; }

    public required ApplicationIndex Index { get; init; }

    public required RunIndex Runs { get; init; }

    public required NotificationLog Notifications { get; init; }

    public required PipelineIndex PipelineIndex { get; init; }

    public required ReleaseArtifacts Artifacts { get; init; }

    public required ChangeStream Changes { get; init; }

    public required TimeProvider Time { get; init; }

    public required ApplicationStore Applications { get; init; }

    public required ApplicationReports Reports { get; init; }

    /// <summary>What the operator allows now.</summary>
    public required Func<OperatorSettings> OperatorSettings { get; init; }

    public required SetDesk Sets { get; init; }

    public required ActionDesk Actions { get; init; }

    public required WorkflowEngine Workflows { get; init; }

    public required PipelineStore Pipelines { get; init; }

    public required Tracer Tracer { get; init; }

    public required WebhookDesk Webhooks { get; init; }

    public required MetricsCollector Metrics { get; init; }

    public required Readiness Readiness { get; init; }

    /// <summary>Ends when the engine ends.</summary>
    public required Task EngineStopped { get; init; }

    /// <summary>The URL of a repository of this server's Git host.</summary>
    public required Func<string, string> UrlOf { get; init; }

    /// <summary>The address that is listened on.</summary>
    public required Func<Uri> Url { get; init; }

    /// <summary>Fires when the server begins to stop: streams end, probes say so.</summary>
    public required CancellationToken Stopping { get; init; }
}
