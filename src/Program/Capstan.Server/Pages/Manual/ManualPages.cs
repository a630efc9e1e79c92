using Capstan.Server.Documentation;
using Capstan.Server.Hosting;
using Capstan.Server.Problems;
using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Pages.Manual;

/// <summary>A page of the documentation, or its contents.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Chapters">The contents.</param>
/// <param name="Path">The page that is shown; empty for the contents alone.</param>
/// <param name="Text">The page.</param>
public sealed record ManualModel(Frame Frame, IReadOnlyList<(string Title, IReadOnlyList<(string Title, string Address)> Pages)> Chapters, string Path, IHtmlContent Text);

/// <summary>The documentation, served.</summary>
internal static class ManualPages
{
    public static Task ShowAsync(HttpContext http, ServerParts parts)
    {
        var path = (http.Request.RouteValues["page"] as string ?? "").Trim('/');
        var page = path.Length == 0 ? null : Documentation.Manual.Find(path) ?? throw RequestProblem.NotFound($"docs/{path}", "The contents are at /docs");
        return PageFrame.ShowAsync(http, Slices.Manual.Create(new ManualModel(
            PageFrame.Of(http, parts, page?.Title ?? "Documentation", ""),
            [.. Documentation.Manual.Chapters.Where(c => c.Pages.Count > 0).Select(c => (c.Title, (IReadOnlyList<(string, string)>)[.. c.Pages.Select(p => (p.Title, p.Address))]))],
            page?.Address ?? "", page is null ? HtmlString.Empty : new HtmlString(Documentation.Manual.Html(page)))));
    }

    /// <summary>What a problem's type leads to.</summary>
    public static Task ProblemAsync(HttpContext http)
    {
        var kind = (string)http.Request.RouteValues["kind"]!;
        PageFrame.GoTo(http, "/docs/reference/problems#" + MarkdownHtml.Anchor(kind));
        return Task.CompletedTask;
    }
}
