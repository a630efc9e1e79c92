using System.Text.Json;
using Capstan.Access.Rights;
using Capstan.Api.Pipelines;
using Capstan.Promotion.Pipelines;
using Capstan.Resources;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Capstan.Server.OpenApi;
using Capstan.Server.Problems;
using Capstan.Yaml;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Capstan.Server.Endpoints;

/// <summary><c>/api/v1/pipelines</c> and <c>/api/v1/releases</c></summary>
internal static class PipelineEndpoints
{
    private const ResourceKind Kind = ResourceKind.Pipelines;
    private const int LongestSubject = 1024;

    public static void Map(IEndpointRouteBuilder api, Func<ServerParts> parts)
    {
        api.MapGet("/pipelines", http => ListAsync(http, parts(), PipelineReader.Kind, p => p.Name)).Needs(Verb.List, Kind)
            .Tells("listPipelines", "DeliveryPipeline objects", typeof(JsonElement));
        api.MapGet("/releases", http => ListAsync(http, parts(), Release.Kind, r => r.Spec["pipeline"]?.AsString() ?? r.Spec["repository"]?.AsString() ?? r.Name)).Needs(Verb.List, Kind)
            .Tells("listReleases", "Release objects", typeof(JsonElement));
        api.MapGet("/trace", http => TraceAsync(http, parts())).Needs(Verb.List, Kind)
            .Tells("trace", "Where a pod, an image or a commit comes from and where it went", typeof(TraceReport), query: [("subject", "[NAMESPACE/]POD, an image or its digest, or a commit")]);
        api.MapPost("/pipelines/{name}/promote", http => SayAsync(http, parts(), approval: false)).Needs(Verb.Update, Kind, "name")
            .Tells("promote", "Asks for a release to enter a stage", typeof(StageAnswer), body: typeof(StageWish));
        api.MapPost("/pipelines/{name}/approve", http => SayAsync(http, parts(), approval: true)).Needs(Verb.Approve, Kind, "name")
            .Tells("approve", "Approves a release for a stage, with a reason", typeof(StageAnswer), body: typeof(StageWish));
    }

    private static async Task ListAsync(HttpContext http, ServerParts parts, GroupKind kind, Func<KubernetesObject, string> nameOf)
    {
        var principal = GuardMiddleware.PrincipalOf(http);
        var all = await parts.Pipelines.ListAsync(kind, http.RequestAborted).ConfigureAwait(false);
        var shown = all.Where(o => parts.Rules.May(principal, Verb.Get, Kind, nameOf(o))).OrderBy(o => o.Name, StringComparer.Ordinal);
        await Json.WriteAsync(http, YamlMap.Of(("items", new YamlList(shown.Select(o => o.Body))))).ConfigureAwait(false);
    }

    private static async Task TraceAsync(HttpContext http, ServerParts parts)
    {
        if (http.Request.Query["subject"].FirstOrDefault()?.Trim() is not { Length: > 0 and <= LongestSubject } subject) throw RequestProblem.Malformed("subject: a pod, an image or a commit is needed");
        var principal = GuardMiddleware.PrincipalOf(http);
        var report = await parts.Tracer.TraceAsync(subject, r => parts.Rules.May(principal, Verb.Get, Kind, r.Pipeline.Length > 0 ? r.Pipeline : r.Repository ?? r.Name), http.RequestAborted).ConfigureAwait(false);
        await Json.WriteAsync(http, report, PipelinesJson.Default.TraceReport).ConfigureAwait(false);
    }

    private static async Task SayAsync(HttpContext http, ServerParts parts, bool approval)
    {
        var wish = await Json.ReadAsync(http, PipelinesJson.Default.StageWish).ConfigureAwait(false);
        var answer = await parts.Pipelines.SayAsync((string)http.Request.RouteValues["name"]!, wish, GuardMiddleware.PrincipalOf(http).Name, approval, http.RequestAborted).ConfigureAwait(false);
        await Json.WriteAsync(http, answer, PipelinesJson.Default.StageAnswer).ConfigureAwait(false);
    }
}
