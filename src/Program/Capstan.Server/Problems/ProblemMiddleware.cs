using Capstan.Delivery.Controllers;
using Capstan.Kubernetes;
using Capstan.Sources;
using Capstan.Workflows;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Capstan.Server.Problems;

/// <summary>The one place where a failure of a request becomes an answer.</summary>
internal sealed class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> log)
{
    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there any more to be answered.
            log.ClientLeft(http.Request.Path.Value ?? "");
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            await AnswerAsync(http, e).ConfigureAwait(false);
        }
    }

    private Task AnswerAsync(HttpContext http, Exception e)
    {
        switch (e)
        {
            case RequestProblem own:
                return Answers.ProblemAsync(http, own.Status, own.Kind, own.Title, own.Message, own.Next);
            case BadHttpRequestException bad:
                return Answers.ProblemAsync(http, bad.StatusCode, "malformed", "The request cannot be read", bad.Message);
            case ApplicationNotFoundException missing:
                return Answers.ProblemAsync(http, 404, "not-found", "Not found", missing.Message, "`capstan get apps` lists all");
            case DeliveryException refused:
                return Answers.ProblemAsync(http, 422, "refused", "It cannot be done", refused.Message);
            case WorkflowException refused:
                return Answers.ProblemAsync(http, 422, "refused", "It cannot be done", refused.Message);
            case SourceException source:
                return Answers.ProblemAsync(http, 422, "source", "The source cannot be read", source.Message);
            case KubernetesException { IsNotFound: true } missing:
                return Answers.ProblemAsync(http, 404, "not-found", "Not found", missing.Message);
            case KubernetesException { IsDenied: true } denied:
                return Answers.ProblemAsync(http, 502, "cluster-denied", "The cluster refused Capstan's credentials", denied.Message, "Look at the rights of Capstan's account in the cluster");
            case KubernetesException refused:
                return Answers.ProblemAsync(http, refused.IsConflict ? 409 : 422, "cluster-refused", "The cluster refused", refused.Message);
            case ClusterUnreachableException unreachable:
                return Answers.ProblemAsync(http, 503, "cluster-unreachable", "The cluster does not answer", unreachable.Message, "`capstan get clusters` shows its state");
            case UnknownKindException unknown:
                return Answers.ProblemAsync(http, 422, "unknown-kind", "The cluster does not know the kind", unknown.Message);
            default:
                log.RequestFailed(http.Request.Path.Value ?? "", e);
                return Answers.ProblemAsync(http, 500, "internal", "The server failed", $"{e.GetType().Name}: {e.Message}", "The server's log has the whole of it");
        }
    }
}

internal static partial class ServerLog
{
    [LoggerMessage(5000, LogLevel.Error, "{Path}: the request failed")]
    public static partial void RequestFailed(this ILogger log, string path, Exception error);

    [LoggerMessage(5001, LogLevel.Debug, "{Path}: the client left")]
    public static partial void ClientLeft(this ILogger log, string path);

    [LoggerMessage(5002, LogLevel.Information, "serving on {Url}, data in {Data}")]
    public static partial void Serving(this ILogger log, string url, string data);

    [LoggerMessage(5003, LogLevel.Information, "the platform repository was made")]
    public static partial void PlatformMade(this ILogger log);

    [LoggerMessage(5004, LogLevel.Information, "the engine works on {Cluster}")]
    public static partial void AgentStarted(this ILogger log, string cluster);

    [LoggerMessage(5010, LogLevel.Information, "the registry let go of {Manifests} manifests and {Blobs} blobs ({Bytes} bytes) that nothing refers to, and of {Uploads} idle uploads")]
    public static partial void RegistryCollected(this ILogger log, int manifests, int blobs, long bytes, int uploads);

    [LoggerMessage(5011, LogLevel.Error, "the registry's blob {Digest} is damaged on the disk and was put aside; push it again")]
    public static partial void BlobDamaged(this ILogger log, string digest);

    [LoggerMessage(5013, LogLevel.Warning, "the pipelines could not be looked at; again in {Pause}: {Cause}")]
    public static partial void PipelinesFailed(this ILogger log, TimeSpan pause, string cause);

    [LoggerMessage(5014, LogLevel.Warning, "{Repository}: who pushed could not be told about its checks")]
    public static partial void NothingToSay(this ILogger log, Exception error, string repository);

    [LoggerMessage(5012, LogLevel.Warning, "the registry could not be looked after; it is tried again in an hour")]
    public static partial void UpkeepFailed(this ILogger log, Exception error);

    [LoggerMessage(5021, LogLevel.Information, "{Count} repositories were packed anew")]
    public static partial void RepositoriesPacked(this ILogger log, int count);

    [LoggerMessage(5022, LogLevel.Warning, "the repository {Name} could not be packed anew; it is tried again in ten minutes")]
    public static partial void RepositoryNotPacked(this ILogger log, string name, Exception error);

    [LoggerMessage(5005, LogLevel.Warning, "{What} cannot be followed, the last known ones hold: {Cause}")]
    public static partial void AccessNotFollowed(this ILogger log, string what, string cause);

    [LoggerMessage(5006, LogLevel.Error, "the list of applications is read anew")]
    public static partial void IndexFailed(this ILogger log, Exception error);

    [LoggerMessage(5014, LogLevel.Warning, "{Kind} cannot be followed now; it is tried again: {Cause}")]
    public static partial void KindNotFollowed(this ILogger log, string kind, string cause);

    [LoggerMessage(5015, LogLevel.Warning, "{File}: sessions cannot be kept there; a restart signs people out: {Cause}")]
    public static partial void SessionsNotKept(this ILogger log, string file, string cause);

    [LoggerMessage(5018, LogLevel.Warning, "{File}: a line cannot be read and is left out: {Cause}")]
    public static partial void NotificationLineLost(this ILogger log, string file, string cause);

    [LoggerMessage(5023, LogLevel.Warning, "the cluster cannot be asked what {Who} may do with applications; what it said within ten minutes holds, and nothing else: {Cause}")]
    public static partial void ClusterNotAsked(this ILogger log, string who, string cause);

    [LoggerMessage(5019, LogLevel.Warning, "notifications wait: {Cause}")]
    public static partial void NotificationsWait(this ILogger log, string cause);

    [LoggerMessage(5030, LogLevel.Information, "pull request {Number} of {Repository}: {Action}, which started {Runs} runs")]
    public static partial void PullRequestTaken(this ILogger log, string repository, long number, string action, int runs);

    [LoggerMessage(5031, LogLevel.Warning, "pull request {Number} of {Repository} is given up: {Cause}")]
    public static partial void PullRequestFailed(this ILogger log, string repository, long number, string cause);

    [LoggerMessage(5032, LogLevel.Information, "{Ref} is not there any more, its commit is asked for: {Cause}")]
    public static partial void PullRequestMoved(this ILogger log, string @ref, string cause);

    [LoggerMessage(5033, LogLevel.Warning, "the status of commit {Commit} was not told to {Host}: {Cause}")]
    public static partial void StatusNotTold(this ILogger log, string commit, string host, string cause);
}
