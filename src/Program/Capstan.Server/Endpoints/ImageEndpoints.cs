using Capstan.Access.Rights;
using Capstan.Api.Images;
using Capstan.Oci.References;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Capstan.Server.Images;
using Capstan.Server.OpenApi;
using Capstan.Server.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Capstan.Server.Endpoints;

/// <summary><c>/api/v1/images</c>: what the registry holds, with what runs it. Pushing and pulling is the registry's own protocol, at <c>/v2/</c>.</summary>
internal static class ImageEndpoints
{
    private const ResourceKind Kind = ResourceKind.Images;

    public static void Map(IEndpointRouteBuilder api, Func<ServerParts> parts)
    {
        api.MapGet("/images", http => ListAsync(http, parts())).Needs(Verb.List, Kind)
            .Tells("listImages", "Repositories of the registry", typeof(ImageRepositoryList), query: [.. RouteDescriptions.Paging, ("search", "A part of the name")]);
        api.MapGet("/images/{**name}", http => TagsAsync(http, parts())).Needs(Verb.Get, Kind, "name")
            .Tells("listTags", "The tags of a repository, those pushed last first", typeof(ImageTagList), query: RouteDescriptions.Paging);
        api.MapGet("/manifests/{**name}", http => DetailsAsync(http, parts())).Needs(Verb.Get, Kind, "name")
            .Tells("getImage", "An image with its layers, signature, provenance, and what runs it", typeof(ImageDetails), query: [("reference", "A tag or a digest; latest when absent")]);
    }

    /// <summary>The repositories that who asks may see.</summary>
    public static IReadOnlyList<ImageName> Visible(HttpContext http, ServerParts parts, string search)
    {
        var principal = GuardMiddleware.PrincipalOf(http);
        return [.. parts.Images.ListRepositories().Where(n => n.Text.Contains(search, StringComparison.OrdinalIgnoreCase) && parts.Rules.May(principal, Verb.Get, Kind, n.Text))];
    }

    /// <summary>A repository as lists show it.</summary>
    public static ImageRepository Of(ServerParts parts, ImageName name) => new(name.Text, parts.Images.ListTags(name).Count, parts.Images.BytesOf(name));

    public static ImageReports Reports(HttpContext http, ServerParts parts)
    {
        var principal = GuardMiddleware.PrincipalOf(http);
        return new ImageReports(parts, full => parts.Rules.May(principal, Verb.Get, ResourceKind.Applications, full));
    }

    /// <summary>The repository that a route names.</summary>
    public static ImageName NameOf(HttpContext http, ServerParts parts)
    {
        var text = (string?)http.Request.RouteValues["name"] ?? "";
        return ImageName.TryParse(text, out var name) && parts.Images.ListRepositories().Contains(name) ? name : throw RequestProblem.NotFound($"image {text}", "Look at the list of images");
    }

    /// <summary>The image that a route and its query name.</summary>
    public static async Task<ImageDetails> DetailsOfAsync(HttpContext http, ServerParts parts)
    {
        var name = NameOf(http, parts);
        var reference = http.Request.Query["reference"].FirstOrDefault() is { Length: > 0 } given ? given : Tag.Latest.Text;
        if (reference.Length > 200) throw RequestProblem.Malformed("reference: is longer than 200 characters");
        return await Reports(http, parts).FindAsync(name, reference, http.RequestAborted).ConfigureAwait(false) ?? throw RequestProblem.NotFound($"image {name}: {reference}", "Look at its tags");
    }

    private static Task ListAsync(HttpContext http, ServerParts parts)
    {
        var (page, next) = Paging.Of(http, Visible(http, parts, http.Request.Query["search"].FirstOrDefault() ?? ""), n => n.Text);
        return Json.WriteAsync(http, new ImageRepositoryList([.. page.Select(n => Of(parts, n))], next), ImagesJson.Default.ImageRepositoryList);
    }

    private static Task TagsAsync(HttpContext http, ServerParts parts)
    {
        var name = NameOf(http, parts);
        var all = Reports(http, parts).Tags(name);
        var limit = Paging.Limit(http);
        var after = Paging.Decode(http.Request.Query["cursor"].FirstOrDefault());
        var rest = after is null ? all : [.. all.SkipWhile(t => t.Tag != after).Skip(1)];
        return Json.WriteAsync(http, new ImageTagList(name.Text, [.. rest.Take(limit)], rest.Count > limit ? Paging.Encode(rest[limit - 1].Tag) : null), ImagesJson.Default.ImageTagList);
    }

    private static async Task DetailsAsync(HttpContext http, ServerParts parts) =>
        await Json.WriteAsync(http, await DetailsOfAsync(http, parts).ConfigureAwait(false), ImagesJson.Default.ImageDetails).ConfigureAwait(false);
}
