using Capstan.Server.Endpoints;
using Capstan.Server.Hosting;
using Capstan.Server.Pages.Slices;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Pages.Pipelines;

/// <summary>The pages of the registry.</summary>
internal static class ImagePages
{
    private const int MostTags = 500;

    public static Task ListAsync(HttpContext http, ServerParts parts)
    {
        var search = http.Request.Query["search"].FirstOrDefault() ?? "";
        var (page, next) = Paging.Of(http, ImageEndpoints.Visible(http, parts, search), n => n.Text);
        return PageFrame.ShowAsync(http, Slices.Images.Create(new ImagesModel(
            PageFrame.Of(http, parts, "Images", "Images"), [.. page.Select(n => ImageEndpoints.Of(parts, n))], search,
            next is null ? null : $"/images?cursor={next}{(search.Length > 0 ? "&search=" + Uri.EscapeDataString(search) : "")}", Host(parts), parts.Images.TotalBytes)));
    }

    public static async Task ShowAsync(HttpContext http, ServerParts parts)
    {
        if (http.Request.Query["reference"].FirstOrDefault() is { Length: > 0 })
        {
            var image = await ImageEndpoints.DetailsOfAsync(http, parts).ConfigureAwait(false);
            await PageFrame.ShowAsync(http, Slices.Image.Create(new ImageModel(PageFrame.Of(http, parts, image.Name, "Images"), image, Host(parts)))).ConfigureAwait(false);
            return;
        }
        var name = ImageEndpoints.NameOf(http, parts);
        var tags = ImageEndpoints.Reports(http, parts).Tags(name);
        await PageFrame.ShowAsync(http, ImageTags.Create(new ImageTagsModel(PageFrame.Of(http, parts, name.Text, "Images"), name.Text, [.. tags.Take(MostTags)], tags.Count, Host(parts)))).ConfigureAwait(false);
    }

    private static string Host(ServerParts parts) => (parts.Settings.ExternalUrl ?? parts.Url()).Authority;
}
