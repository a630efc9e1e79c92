using System.Text.Json;
using Capstan.Access.Rights;
using Capstan.Api.Applications;
using Capstan.Delivery.Projects;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Capstan.Server.OpenApi;
using Capstan.Server.Platform;
using Capstan.Server.Problems;
using Capstan.Yaml;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Capstan.Server.Endpoints;

/// <summary><c>/api/v1/projects</c></summary>
internal static class ProjectEndpoints
{
    private const ResourceKind Kind = ResourceKind.Projects;
    private const string Word = "project";

    public static void Map(IEndpointRouteBuilder api, Func<ServerParts> parts)
    {
        api.MapGet("/projects", http => ListAsync(http, parts())).Needs(Verb.List, Kind).Tells("listProjects", "AppProject objects", typeof(JsonElement));
        api.MapPost("/projects", http => WriteAsync(http, parts(), null)).Needs(Verb.Create, Kind)
            .Tells("createProject", "Commits a new AppProject to the platform repository", typeof(PlatformCommit), 201, typeof(ManifestText));
        api.MapGet("/projects/{name}", async http => await Json.WriteAsync(http, (await FindAsync(http, parts()).ConfigureAwait(false)).Without("metadata", "managedFields").Body).ConfigureAwait(false))
            .Needs(Verb.Get, Kind, "name").Tells("getProject", "An AppProject object", typeof(JsonElement));
        api.MapPut("/projects/{name}", http => WriteAsync(http, parts(), (string)http.Request.RouteValues["name"]!)).Needs(Verb.Update, Kind, "name")
            .Tells("updateProject", "Commits a change of an AppProject to the platform repository", typeof(PlatformCommit), body: typeof(ManifestText));
        api.MapDelete("/projects/{name}", http => DeleteAsync(http, parts())).Needs(Verb.Delete, Kind, "name")
            .Tells("deleteProject", "Commits the removal of an AppProject", typeof(PlatformCommit));
    }

    private static async Task ListAsync(HttpContext http, ServerParts parts)
    {
        var principal = GuardMiddleware.PrincipalOf(http);
        var resource = await parts.Cluster.ResolveAsync(ProjectDesk.Kind, http.RequestAborted).ConfigureAwait(false);
        var found = new List<KubernetesObject>();
        foreach (var space in ProjectDesk.Namespaces(parts.Settings.AppNamespaces))
        {
            found.AddRange((await parts.Cluster.ListAsync(resource, new ListOptions { Namespace = space }, http.RequestAborted).ConfigureAwait(false)).Items);
        }
        var shown = found.Where(p => parts.Rules.May(principal, Verb.Get, Kind, p.Name)).OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => p.Without("metadata", "managedFields").Body);
        await Json.WriteAsync(http, YamlMap.Of(("items", new YamlList(shown)))).ConfigureAwait(false);
    }

    private static async Task<KubernetesObject> FindAsync(HttpContext http, ServerParts parts)
    {
        var name = (string)http.Request.RouteValues["name"]!;
        foreach (var space in ProjectDesk.Namespaces(parts.Settings.AppNamespaces))
        {
            if (await parts.Cluster.FindAsync(new ObjectKey(ProjectDesk.Kind.GroupKind, space, name), http.RequestAborted).ConfigureAwait(false) is { } found) return found;
        }
        throw RequestProblem.NotFound($"project {name}", "`capstan get projects` lists all");
    }

    // A project decides what others may do: whoever writes one must be allowed to write the platform repository.
    private static async Task WriteAsync(HttpContext http, ServerParts parts, string? name)
    {
        var wish = await Json.ReadAsync(http, ApplicationsJson.Default.ManifestText).ConfigureAwait(false);
        var manifest = PlatformManifest.Read(Word, ProjectDesk.Kind, wish.Text, parts.Settings.AppNamespaces);
        if (name is not null && manifest.Name != name) throw RequestProblem.Refused($"metadata.name {manifest.Name}: a project cannot be renamed; {name} is changed here");
        http.Items[ActivityMiddleware.NameItem] = manifest.Name;
        Permit.Demand(http, parts, Verb.Update, ResourceKind.Repositories, PlatformRepository.Name);
        Permit.Demand(http, parts, name is null ? Verb.Create : Verb.Update, Kind, manifest.Name);
        if (ProjectDesk.Problems(manifest.Object) is { Count: > 0 } problems) throw RequestProblem.Refused($"project {manifest.Name}: {string.Join("; ", problems)}");
        var commit = await parts.Platform.PutAsync(manifest, replaces: name is not null, GuardMiddleware.PrincipalOf(http).Name, http.RequestAborted).ConfigureAwait(false);
        await Json.WriteAsync(http, commit, ApplicationsJson.Default.PlatformCommit, name is null ? StatusCodes.Status201Created : StatusCodes.Status200OK).ConfigureAwait(false);
    }

    private static async Task DeleteAsync(HttpContext http, ServerParts parts)
    {
        Permit.Demand(http, parts, Verb.Update, ResourceKind.Repositories, PlatformRepository.Name);
        var name = (string)http.Request.RouteValues["name"]!;
        var used = parts.Applications.List().Where(a => (a.Spec["project"]?.AsString() is { Length: > 0 } project ? project : "default") == name).Select(a => a.Name).ToList();
        if (used.Count > 0) throw RequestProblem.Conflict($"project {name}: {used.Count} applications are in it ({string.Join(", ", used.Take(5))})", "Move them to another project, or delete them first");
        var commit = await parts.Platform.RemoveAsync(Word, name, GuardMiddleware.PrincipalOf(http).Name, http.RequestAborted).ConfigureAwait(false);
        await Json.WriteAsync(http, commit, ApplicationsJson.Default.PlatformCommit).ConfigureAwait(false);
    }
}
