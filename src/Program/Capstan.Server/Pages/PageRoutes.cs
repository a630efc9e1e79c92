using Capstan.Access.Rights;
using Capstan.Server.Endpoints;
using Capstan.Server.Hosting;
using Capstan.Server.Pages.Manual;
using Capstan.Server.Pages.Pipelines;
using Capstan.Server.Pages.Runs;
using Capstan.Server.Pages.Settings;
using Capstan.Server.Pages.Stories;
using Capstan.Server.Pipelines;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Capstan.Server.Pages;

/// <summary>The pages. Each route states its right as those of the API do; what a page changes it changes as the API does.</summary>
internal static class PageRoutes
{
    private const ResourceKind Apps = ResourceKind.Applications;
    private const ResourceKind Repos = ResourceKind.Repositories;

    public static void Map(IEndpointRouteBuilder routes, Func<ServerParts> parts)
    {
        MapOpen(routes, parts);
        routes.MapGet("/", http => OverviewPage.ShowAsync(http, parts())).NeedsSignIn(Verb.List, Apps).WithMetadata(IsPage.Yes);
        routes.MapGet("/applications", http => ApplicationsPage.ShowAsync(http, parts())).NeedsSignIn(Verb.List, Apps).WithMetadata(IsPage.Yes);
        MapApplication(routes, parts);
        // For each application that is named the handlers ask.
        routes.MapGet("/bulk-sync", http => BulkSyncPage.ShowAsync(http, parts())).NeedsSignIn(Verb.Sync, Apps).WithMetadata(IsPage.Yes);
        routes.MapPost("/bulk-sync", http => BulkSyncPage.SyncAsync(http, parts())).NeedsSignIn(Verb.Sync, Apps).WithMetadata(IsPage.Yes);
        routes.MapGet("/badge/{name}.svg", http => Badge.ShowAsync(http, parts())).Needs(Verb.Get, Apps, "name");
        routes.MapGet("/repositories", http => RepositoryPages.ListAsync(http, parts(), "")).NeedsSignIn(Verb.List, Repos).WithMetadata(IsPage.Yes);
        routes.MapPost("/repositories", http => RepositoryPages.CreateAsync(http, parts())).Needs(Verb.Create, Repos).WithMetadata(IsPage.Yes);
        foreach (var name in (string[])["/repositories/{name}", "/repositories/{owner}/{name}"])
        {
            routes.MapGet(name, http => RepositoryPages.FilesAsync(http, parts())).Needs(Verb.Get, Repos, "name").WithMetadata(IsPage.Yes);
            routes.MapGet(name + "/-/commits", http => RepositoryPages.CommitsAsync(http, parts())).Needs(Verb.Get, Repos, "name").WithMetadata(IsPage.Yes);
            routes.MapGet(name + "/-/commit/{commit}", http => RepositoryPages.CommitAsync(http, parts())).Needs(Verb.Get, Repos, "name").WithMetadata(IsPage.Yes);
            routes.MapGet(name + "/-/branches", http => RepositoryPages.BranchesAsync(http, parts())).Needs(Verb.Get, Repos, "name").WithMetadata(IsPage.Yes);
            routes.MapGet(name + "/-/compare", http => RepositoryPages.CompareAsync(http, parts())).Needs(Verb.Get, Repos, "name").WithMetadata(IsPage.Yes);
        }
        MapRuns(routes, parts);
        MapPipelines(routes, parts);
        routes.MapGet("/activity", http => OtherPages.ActivityAsync(http, parts())).Needs(Verb.Get, ResourceKind.Instance).WithMetadata(IsPage.Yes);
        routes.MapGet("/clusters", http => OtherPages.ClustersAsync(http, parts())).Needs(Verb.List, ResourceKind.Clusters).WithMetadata(IsPage.Yes);
        routes.MapGet("/notifications", http => OtherPages.NotificationsAsync(http, parts())).Needs(Verb.Get, ResourceKind.Instance).WithMetadata(IsPage.Yes);
        routes.MapGet("/projects", http => SettingsPages.ProjectsAsync(http, parts())).Needs(Verb.List, ResourceKind.Projects).WithMetadata(IsPage.Yes);
        routes.MapGet("/people", http => SettingsPages.PeopleAsync(http, parts(), null, "")).Needs(Verb.List, ResourceKind.Users).WithMetadata(IsPage.Yes);
        routes.MapPost("/people", http => SettingsPages.CreateUserAsync(http, parts())).Needs(Verb.Create, ResourceKind.Users).WithMetadata(IsPage.Yes);
        routes.MapPost("/people/delete", http => SettingsPages.DeleteUserAsync(http, parts())).Needs(Verb.Delete, ResourceKind.Users).WithMetadata(IsPage.Yes);
        routes.MapGet("/docs/{**page}", http => ManualPages.ShowAsync(http, parts())).NeedsSignIn(Verb.Get, ResourceKind.Instance).WithMetadata(IsPage.Yes);
        routes.MapGet("/problems/{kind}", ManualPages.ProblemAsync).IsOpen("leads to a page of the documentation, which asks who one is").WithMetadata(IsPage.Yes);
        routes.MapGet("/account", http => AccountPage.ShowAsync(http, parts(), null, "")).NeedsSignIn(Verb.List, ResourceKind.Tokens).WithMetadata(IsPage.Yes);
        routes.MapGet("/device", http => DevicePage.ShowAsync(http, parts())).NeedsSignIn(Verb.Create, ResourceKind.Tokens).WithMetadata(IsPage.Yes);
        routes.MapPost("/device", http => DevicePage.AnswerAsync(http, parts())).NeedsSignIn(Verb.Create, ResourceKind.Tokens).WithMetadata(IsPage.Yes);
        routes.MapPost("/account/tokens", http => AccountPage.CreateTokenAsync(http, parts())).NeedsSignIn(Verb.Create, ResourceKind.Tokens).WithMetadata(IsPage.Yes);
        routes.MapPost("/account/tokens/delete", http => AccountPage.DeleteTokenAsync(http, parts())).NeedsSignIn(Verb.Delete, ResourceKind.Tokens).WithMetadata(IsPage.Yes);
        routes.MapPost("/account/password", http => AccountPage.ChangePasswordAsync(http, parts())).NeedsSignIn(Verb.Update, ResourceKind.Users).WithMetadata(IsPage.Yes);
    }

    private static void MapOpen(IEndpointRouteBuilder routes, Func<ServerParts> parts)
    {
        routes.MapGet("/sign-in", http => SignInPage.ShowAsync(http, parts(), "")).IsOpen("where one signs in").WithMetadata(IsPage.Yes);
        routes.MapPost("/sign-in", http => SignInPage.SignInAsync(http, parts())).IsOpen("where one signs in; guesses are slowed down").WithMetadata(IsPage.Yes);
        routes.MapGet("/sign-in/link/{code}", http => SignInPage.UseLinkAsync(http, parts())).IsOpen("the code is the credential, used once").WithMetadata(IsPage.Yes);
        routes.MapGet("/sign-in/oidc", http => OpenIdPage.BeginAsync(http, parts())).IsOpen("leads to the provider that the operator named").WithMetadata(IsPage.Yes);
        routes.MapGet("/sign-in/oidc/callback", http => OpenIdPage.EndAsync(http, parts())).IsOpen("believes the provider alone, and only what this browser began").WithMetadata(IsPage.Yes);
        routes.MapPost("/sign-out", http => SignInPage.SignOutAsync(http, parts())).IsOpen("ends what the browser has, and nothing else").WithMetadata(IsPage.Yes);
        routes.MapPost("/theme", http => SignInPage.ThemeAsync(http)).IsOpen("sets a colour in the browser").WithMetadata(IsPage.Yes);
        routes.MapGet("/assets/{tag}/{file}", AssetAsync).IsOpen("files that are part of the program, the same for all");
        routes.MapGet("/favicon.svg", FaviconAsync).IsOpen("a coloured shape");
        routes.MapGet("/favicon.ico", FaviconAsync).IsOpen("a coloured shape");
    }

    private static void MapApplication(IEndpointRouteBuilder routes, Func<ServerParts> parts)
    {
        void Get(string path, Verb verb, RequestDelegate serve) => routes.MapGet("/applications/{name}" + path, serve).Needs(verb, Apps, "name").WithMetadata(IsPage.Yes);
        void Post(string path, Verb verb, RequestDelegate serve) => routes.MapPost("/applications/{name}" + path, serve).Needs(verb, Apps, "name").WithMetadata(IsPage.Yes);
        Get("", Verb.Get, http => ApplicationPages.ResourcesAsync(http, parts()));
        Get("/diff", Verb.Get, http => ApplicationPages.DiffAsync(http, parts(), confirm: false));
        Get("/manifests", Verb.Get, http => ApplicationPages.ManifestsAsync(http, parts()));
        Get("/history", Verb.Get, http => ApplicationPages.HistoryAsync(http, parts()));
        Get("/events", Verb.Get, http => ApplicationPages.HappenedAsync(http, parts()));
        Get("/object", Verb.Get, http => ApplicationPages.ObjectAsync(http, parts()));
        Get("/timeline", Verb.Get, http => StoryPages.TimelineAsync(http, parts()));
        Get("/logs", Verb.Logs, http => StoryPages.LogsAsync(http, parts()));
        routes.MapGet("/applications/{name}/logs/stream", http => StoryPages.StreamAsync(http, parts())).Needs(Verb.Logs, Apps, "name");
        Get("/terminal", Verb.Exec, http => TerminalPage.ShowAsync(http, parts()));
        Get("/blame", Verb.Get, http => StoryPages.BlameAsync(http, parts()));
        Get("/compare", Verb.Get, http => StoryPages.CompareAsync(http, parts()));
        Get("/sync", Verb.Sync, http => ApplicationPages.DiffAsync(http, parts(), confirm: true));
        Post("/sync", Verb.Sync, http => ApplicationPages.SyncAsync(http, parts()));
        Post("/refresh", Verb.Sync, http => ApplicationPages.RefreshAsync(http, parts()));
        Post("/terminate", Verb.Sync, http => ApplicationPages.TerminateAsync(http, parts()));
        Get("/rollback", Verb.Rollback, http => ApplicationPages.RollbackAsync(http, parts()));
        Post("/rollback", Verb.Rollback, http => ApplicationPages.RollBackNowAsync(http, parts()));
    }

    // Which repository's a run is stands in the run, so the handlers ask for that.
    private static void MapRuns(IEndpointRouteBuilder routes, Func<ServerParts> parts)
    {
        const ResourceKind kind = ResourceKind.Runs;
        routes.MapGet("/runs", http => RunPages.ListAsync(http, parts())).NeedsSignIn(Verb.List, kind).WithMetadata(IsPage.Yes);
        routes.MapGet("/runs/{name}", http => RunPages.ShowAsync(http, parts())).Needs(Verb.List, kind).WithMetadata(IsPage.Yes);
        routes.MapGet("/runs/{name}/log", http => RunPages.LogAsync(http, parts())).Needs(Verb.List, kind).WithMetadata(IsPage.Yes);
        routes.MapGet("/runs/{name}/log/stream", http => RunPages.StreamAsync(http, parts())).Needs(Verb.List, kind);
        routes.MapGet("/runs/{name}/artifacts/{artifact}", http => RunPages.ArtifactAsync(http, parts())).Needs(Verb.List, kind).WithMetadata(IsPage.Yes);
        routes.MapPost("/runs/{name}/cancel", http => RunPages.CancelAsync(http, parts())).Needs(Verb.List, kind).WithMetadata(IsPage.Yes);
        routes.MapPost("/runs/{name}/again", http => RunPages.AgainAsync(http, parts())).Needs(Verb.List, kind).WithMetadata(IsPage.Yes);
    }

    private static void MapPipelines(IEndpointRouteBuilder routes, Func<ServerParts> parts)
    {
        const ResourceKind kind = ResourceKind.Pipelines;
        routes.MapGet("/pipelines", http => PipelinePages.ListAsync(http, parts())).NeedsSignIn(Verb.List, kind).WithMetadata(IsPage.Yes);
        routes.MapGet("/pipelines/{name}", http => PipelinePages.ShowAsync(http, parts())).Needs(Verb.Get, kind, "name").WithMetadata(IsPage.Yes);
        routes.MapGet("/pipelines/{name}/compare", http => PipelinePages.CompareAsync(http, parts())).Needs(Verb.Get, kind, "name").WithMetadata(IsPage.Yes);
        // Which releases who asks may see stands in each of them.
        routes.MapGet("/trace", http => PipelinePages.TraceAsync(http, parts())).Needs(Verb.List, kind).WithMetadata(IsPage.Yes);
        foreach (var (path, word, verb) in (ReadOnlySpan<(string, PipelineWord, Verb)>)
            [("promote", PipelineWord.Promote, Verb.Update), ("approve", PipelineWord.Approve, Verb.Approve), ("reject", PipelineWord.Reject, Verb.Approve),
             ("hold", PipelineWord.Hold, Verb.Update), ("resume", PipelineWord.Resume, Verb.Update)])
        {
            var said = word;
            routes.MapPost("/pipelines/{name}/" + path, http => PipelinePages.SayAsync(http, parts(), said)).Needs(verb, kind, "name").WithMetadata(IsPage.Yes);
        }
        routes.MapGet("/releases/{name}", http => PipelinePages.ReleaseAsync(http, parts())).Needs(Verb.List, kind).WithMetadata(IsPage.Yes);
        routes.MapGet("/images", http => ImagePages.ListAsync(http, parts())).NeedsSignIn(Verb.List, ResourceKind.Images).WithMetadata(IsPage.Yes);
        routes.MapGet("/images/{**name}", http => ImagePages.ShowAsync(http, parts())).Needs(Verb.Get, ResourceKind.Images, "name").WithMetadata(IsPage.Yes);
    }

    private static Task AssetAsync(HttpContext http)
    {
        if (http.Request.RouteValues["file"] is not string name || Assets.Find(name) is not { } asset)
        {
            return Problems.Answers.ProblemAsync(http, 404, "not-found", "Not found", $"{http.Request.Path}: nothing is served here");
        }
        http.Response.ContentType = asset.ContentType;
        http.Response.Headers.Vary = "Accept-Encoding";
        http.Response.Headers.CacheControl = (string?)http.Request.RouteValues["tag"] == asset.Tag ? "public, max-age=31536000, immutable" : "no-cache";
        var packed = http.Request.Headers.AcceptEncoding.Any(e => e?.Contains("br", StringComparison.Ordinal) == true);
        if (packed) http.Response.Headers.ContentEncoding = "br";
        return http.Response.Body.WriteAsync(packed ? asset.Packed : asset.Plain, http.RequestAborted).AsTask();
    }

    private static Task FaviconAsync(HttpContext http)
    {
        var state = http.Request.Query["state"].FirstOrDefault() ?? "Healthy";
        http.Response.ContentType = "image/svg+xml";
        http.Response.Headers.CacheControl = "public, max-age=86400";
        return http.Response.WriteAsync($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\"><rect width=\"24\" height=\"24\" rx=\"5\" fill=\"{Show.Colour(state)}\"/>"
            + "<path fill=\"#fff\" d=\"M12 3a2 2 0 0 1 2 1.8h3.500v1.8H14v2.200h3v2.500h-2.200l1.200 6.500h2V20H6v-2.200h2l1.200-6.500H7V8.800h3V6.600H6.500V4.800H10A2 2 0 0 1 12 3Z\"/></svg>", http.RequestAborted);
    }
}
