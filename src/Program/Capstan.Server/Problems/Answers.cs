using System.Text.Json;
using Capstan.Api.Problems;
using Capstan.Server.Pages;
using Capstan.Server.Pages.Slices;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Problems;

/// <summary>A request ends with a problem.</summary>
internal sealed class RequestProblem(int status, string kind, string title, string detail, string? next = null) : Exception(detail)
{
    public int Status { get; } = status;

    public string Kind { get; } = kind;

    public string Title { get; } = title;

    public string? Next { get; } = next;

    public static RequestProblem NotFound(string what, string next) => new(404, "not-found", "Not found", $"{what}: does not exist", next);

    public static RequestProblem Refused(string detail, string? next = null) => new(422, "refused", "The input was refused", detail, next);

    public static RequestProblem Conflict(string detail, string? next = null) => new(409, "conflict", "In conflict with what is there", detail, next);

    public static RequestProblem Malformed(string detail) => new(400, "malformed", "The request cannot be read", detail);
}

/// <summary>Writes problems (RFC 9457).</summary>
internal static class Answers
{
    public static Task ProblemAsync(HttpContext http, int status, string kind, string title, string detail, string? next = null)
    {
        if (IsWantedAsPage(http))
        {
            var frame = PageFrame.Of(http, null, title, "");
            return PageFrame.ShowAsync(http, Message.Create(new MessageModel(frame, title, detail, next ?? "")), status);
        }
        http.Response.StatusCode = status;
        http.Response.ContentType = Problem.ContentType;
        var problem = new Problem("/problems/" + kind, title, status, detail, next, http.Request.Path.Value);
        return http.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(problem, ProblemsJson.Default.Problem), http.RequestAborted).AsTask();
    }

    private static bool IsWantedAsPage(HttpContext http) =>
        http.GetEndpoint() is { } endpoint ? endpoint.Metadata.GetMetadata<IsPage>() is not null
        : HttpMethods.IsGet(http.Request.Method) && http.Request.Headers.Accept.Any(a => a?.Contains("text/html", StringComparison.Ordinal) == true);
}
