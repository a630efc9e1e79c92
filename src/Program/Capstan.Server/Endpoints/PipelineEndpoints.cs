using System.Text.Json;
using Capstan.Access.Rights;
using Capstan.Api.Pipelines;
using Capstan.Oci.References;
using Capstan.Promotion.Pipelines;
using Capstan.Resources;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Capstan.Server.Images;
using Capstan.Server.Live;
using Capstan.Server.OpenApi;
using Capstan.Server.Pipelines;
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
        api.MapGet("/pipeline-boards", http => BoardsAsync(http, parts())).Needs(Verb.List, Kind)
            .Tells("listPipelineBoards", "Every pipeline as it stands: stages, releases, what waits and why", typeof(PipelineBoards));
        api.MapGet("/pipelines/{name}/board", http => Json.WriteAsync(http, Board(http, parts()), PipelinesJson.Default.PipelineBoard)).Needs(Verb.Get, Kind, "name")
            .Tells("getPipelineBoard", "A pipeline as it stands: stages, releases, what waits and why", typeof(PipelineBoard));
        api.MapGet("/pipelines/{name}/compare", async http => await Json.WriteAsync(http, await CompareAsync(http, parts()).ConfigureAwait(false), PipelinesJson.Default.StageComparison).ConfigureAwait(false))
            .Needs(Verb.Get, Kind, "name").Tells("compareStages", "What two stages of a pipeline differ in: images, source commits, objects field by field", typeof(StageComparison),
                query: [("from", "The one stage; the first where none is named"), ("to", "The other; the last where none is named")]);
        api.MapGet("/releases/{name}", http => ReleaseAsync(http, parts())).Needs(Verb.List, Kind)
            .Tells("getRelease", "A release with what is proven of its images", typeof(ReleaseCard));
        api.MapGet("/trace", http => TraceAsync(http, parts())).Needs(Verb.List, Kind)
            .Tells("trace", "Where a pod, an image or a commit comes from and where it went", typeof(TraceReport), query: [("subject", "[NAMESPACE/]POD, an image or its digest, or a commit")]);
        api.MapPost("/pipelines/{name}/promote", http => SayAsync(http, parts(), PipelineWord.Promote)).Needs(Verb.Update, Kind, "name")
            .Tells("promote", "Asks for a release to enter a stage", typeof(StageAnswer), body: typeof(StageWish));
        api.MapPost("/pipelines/{name}/approve", http => SayAsync(http, parts(), PipelineWord.Approve)).Needs(Verb.Approve, Kind, "name")
            .Tells("approve", "Approves a release for a stage, with a reason", typeof(StageAnswer), body: typeof(StageWish));
        api.MapPost("/pipelines/{name}/reject", http => SayAsync(http, parts(), PipelineWord.Reject)).Needs(Verb.Approve, Kind, "name")
            .Tells("reject", "Rejects a release: it goes on into no stage by itself", typeof(StageAnswer), body: typeof(StageWish));
        api.MapPost("/pipelines/{name}/hold", http => SayAsync(http, parts(), PipelineWord.Hold)).Needs(Verb.Update, Kind, "name")
            .Tells("hold", "Holds a stage: nothing enters it", typeof(StageAnswer), body: typeof(StageWish));
        api.MapPost("/pipelines/{name}/resume", http => SayAsync(http, parts(), PipelineWord.Resume)).Needs(Verb.Update, Kind, "name")
            .Tells("resume", "Lifts the hold of a stage", typeof(StageAnswer), body: typeof(StageWish));
    }

    /// <summary>The boards that who asks may see, by name.</summary>
    public static IReadOnlyList<PipelineBoard> Boards(HttpContext http, ServerParts parts)
    {
        var principal = GuardMiddleware.PrincipalOf(http);
        return [.. parts.PipelineIndex.Pipelines.Where(p => parts.Rules.May(principal, Verb.Get, Kind, p.Name)).Select(p => PipelineReports.Board(parts, p))];
    }

    /// <summary>The board that a route names.</summary>
    public static PipelineBoard Board(HttpContext http, ServerParts parts)
    {
        var name = (string)http.Request.RouteValues["name"]!;
        return parts.PipelineIndex.Find(name) is { } pipeline ? PipelineReports.Board(parts, pipeline) : throw RequestProblem.NotFound($"pipeline {name}", "`capstan get pipelines` lists all");
    }

    /// <summary>The release that a route names, with what is proven of its images.</summary>
    public static async Task<ReleaseCard> ReleaseOfAsync(HttpContext http, ServerParts parts)
    {
        var name = (string)http.Request.RouteValues["name"]!;
        var found = parts.PipelineIndex.FindRelease(name);
        if (found is null || !parts.Rules.May(GuardMiddleware.PrincipalOf(http), Verb.Get, Kind, PipelineIndex.PipelineOf(found))) throw RequestProblem.NotFound($"release {name}", "`capstan get releases` lists all");
        var card = PipelineReports.Card([.. parts.PipelineIndex.PipelinesOf(found)], found);
        var images = new List<ReleaseImageCard>();
        foreach (var image in card.Images) images.Add(await ProvenAsync(parts, image, card.Commit, http.RequestAborted).ConfigureAwait(false));
        return card with { Images = images };
    }

    /// <summary>What two stages of the pipeline that a route names differ in.</summary>
    public static Task<StageComparison> CompareAsync(HttpContext http, ServerParts parts) => StageComparer.For(http, parts).CompareAsync(
        Board(http, parts), http.Request.Query["from"].FirstOrDefault() ?? "", http.Request.Query["to"].FirstOrDefault() ?? "", http.RequestAborted);

    /// <summary>The chain of what a query names.</summary>
    public static Task<TraceReport> TraceOfAsync(HttpContext http, ServerParts parts)
    {
        if (http.Request.Query["subject"].FirstOrDefault()?.Trim() is not { Length: > 0 and <= LongestSubject } subject) throw RequestProblem.Malformed("subject: a pod, an image or a commit is needed");
        var principal = GuardMiddleware.PrincipalOf(http);
        return parts.Tracer.TraceAsync(subject, r => parts.Rules.May(principal, Verb.Get, Kind, r.Pipeline.Length > 0 ? r.Pipeline : r.Repository ?? r.Name), http.RequestAborted);
    }

    private static async Task<ReleaseImageCard> ProvenAsync(ServerParts parts, ReleaseImageCard image, string commit, CancellationToken cancellation)
    {
        if (!ImageReference.TryParse(image.Image, out var reference)) return image;
        var (signature, provenance) = await parts.Artifacts.ProofAsync(reference, commit, cancellation).ConfigureAwait(false);
        return image with { Signature = ImageReports.Word(signature), Provenance = ImageReports.Of(provenance) };
    }

    private static Task BoardsAsync(HttpContext http, ServerParts parts) => Json.WriteAsync(http, new PipelineBoards(Boards(http, parts)), PipelinesJson.Default.PipelineBoards);

    private static async Task ReleaseAsync(HttpContext http, ServerParts parts) =>
        await Json.WriteAsync(http, await ReleaseOfAsync(http, parts).ConfigureAwait(false), PipelinesJson.Default.ReleaseCard).ConfigureAwait(false);

    private static async Task ListAsync(HttpContext http, ServerParts parts, GroupKind kind, Func<KubernetesObject, string> nameOf)
    {
        var principal = GuardMiddleware.PrincipalOf(http);
        var all = await parts.Pipelines.ListAsync(kind, http.RequestAborted).ConfigureAwait(false);
        var shown = all.Where(o => parts.Rules.May(principal, Verb.Get, Kind, nameOf(o))).OrderBy(o => o.Name, StringComparer.Ordinal);
        await Json.WriteAsync(http, YamlMap.Of(("items", new YamlList(shown.Select(o => o.Body))))).ConfigureAwait(false);
    }

    private static async Task TraceAsync(HttpContext http, ServerParts parts) =>
        await Json.WriteAsync(http, await TraceOfAsync(http, parts).ConfigureAwait(false), PipelinesJson.Default.TraceReport).ConfigureAwait(false);

    private static async Task SayAsync(HttpContext http, ServerParts parts, PipelineWord word)
    {
        var wish = await Json.ReadAsync(http, PipelinesJson.Default.StageWish).ConfigureAwait(false);
        var answer = await parts.Pipelines.SayAsync((string)http.Request.RouteValues["name"]!, wish, GuardMiddleware.PrincipalOf(http).Name, word, http.RequestAborted).ConfigureAwait(false);
        await Json.WriteAsync(http, answer, PipelinesJson.Default.StageAnswer).ConfigureAwait(false);
    }
}
