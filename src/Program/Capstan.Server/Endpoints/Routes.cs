using Capstan.Access.Rights;
using Capstan.GitHost;
using Capstan.Registry;
using Capstan.Server.Hosting;
using Capstan.Server.OpenApi;
using Capstan.Server.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Capstan.Server.Endpoints;

/// <summary>Every route of the server.</summary>
internal static class Routes
{
    public static void Map(IEndpointRouteBuilder routes, Func<ServerParts> parts, GitHostEndpoints git, RegistryEndpoints images)
    {
        git.Map(routes);
        images.Map(routes);
        ProbeEndpoints.Map(routes, parts);
        WebhookEndpoints.Map(routes, parts);
        var api = routes.MapGroup("/api/v1");
        ApplicationEndpoints.Map(api, parts);
        ApplicationStoryEndpoints.Map(api, parts);
        ApplicationSetEndpoints.Map(api, parts);
        ProjectEndpoints.Map(api, parts);
        PauseEndpoints.Map(api, parts);
        ActionEndpoints.Map(api, parts);
        RepositoryEndpoints.Map(api, parts);
        RepositoryContentEndpoints.Map(api, parts);
        SearchEndpoints.Map(api, parts);
        RunEndpoints.Map(api, parts);
        CheckEndpoints.Map(api, parts);
        TokenEndpoints.Map(api, parts);
        UserEndpoints.Map(api, parts);
        UserEndpoints.MapLinks(api, parts);
        DeviceLoginEndpoints.Map(api, parts);
        EventEndpoints.Map(api, parts);
        ActivityEndpoints.Map(api, parts);
        PipelineEndpoints.Map(api, parts);
        ImageEndpoints.Map(api, parts);
        NotificationEndpoints.Map(api, parts);
        InstanceEndpoints.Map(api, parts);
        BackupEndpoints.Map(api, parts);
        routes.MapOpenApi(OpenApiSetup.Path).NeedsSignIn(Verb.Get, ResourceKind.Instance);
        PageRoutes.Map(PageFrame.Remembering(routes, parts), parts);
    }
}
