using Capstan.Server.Problems;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Pages;

/// <summary>What a form of a page sent.</summary>
internal static class PageForm
{
    public static async Task<IFormCollection> ReadAsync(HttpContext http)
    {
        if (!http.Request.HasFormContentType) throw new RequestProblem(415, "content-type", "This content type is not taken", $"{http.Request.ContentType}: a form is taken here", "Programs use the API at /api/v1");
        try
        {
            return await http.Request.ReadFormAsync(http.RequestAborted).ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            throw RequestProblem.Malformed(e.Message);
        }
    }
}
