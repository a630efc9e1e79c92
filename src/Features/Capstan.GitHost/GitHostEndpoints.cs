using Capstan.Access.Requests;
using Capstan.Access.Rights;
using Capstan.Access.Tokens;
using Capstan.GitHost.Protocol;
using Capstan.GitHost.Pushes;
using Capstan.GitHost.Repositories;
using Capstan.Sources.Git;
using Capstan.Sources.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;

namespace Capstan.GitHost;

/// <summary>Git over smart HTTP at <c>/git/NAME.git</c> and <c>/git/OWNER/NAME.git</c>. Everything else beneath <c>/git/</c> is not there.</summary>
public sealed partial class GitHostEndpoints : IDisposable
{
    private static readonly string[] AllMethods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    private readonly RepositoryStore _store;
    private readonly Authenticator _authenticator;
    private readonly AccessRules _rules;
    private readonly GitServing _serving;
    private readonly PushHandler _pushes;
    private readonly ILogger<GitHostEndpoints> _log;
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Makes the endpoints.</summary>
    /// <param name="host">Repositories, git and settings.</param>
    /// <param name="authenticator">Finds out who asks.</param>
    /// <param name="rules">Decides who may do what.</param>
    /// <param name="events">Told of pushes.</param>
    /// <param name="log">The log.</param>
    public GitHostEndpoints(GitHostParts host, Authenticator authenticator, AccessRules rules, PushEvents events, ILogger<GitHostEndpoints> log)
    {
        _store = host.Store;
        _authenticator = authenticator;
        _rules = rules;
        _serving = new GitServing(host.Store, host.Git, host.Options);
        _pushes = new PushHandler(_serving, events);
        _log = log;
    }

    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var repository in (string[])["/git/{name}", "/git/{owner}/{name}"])
        {
            routes.MapGet(repository + "/info/refs", Guarded(AdvertisedService, AdvertiseAsync)).WithMetadata(Stated(Verb.Get));
            routes.MapPost(repository + "/git-upload-pack", Guarded(_ => GitService.UploadPack, UploadPackAsync)).WithMetadata(Stated(Verb.Get));
            routes.MapPost(repository + "/git-receive-pack", Guarded(_ => GitService.ReceivePack, ReceivePackAsync)).WithMetadata(Stated(Verb.Update));
            routes.Map(repository + "/info/refs", Guarded(_ => GitService.UploadPack, OnlyBy("GET"))).WithMetadata(Stated(Verb.Get));
            routes.Map(repository + "/git-upload-pack", Guarded(_ => GitService.UploadPack, OnlyBy("POST"))).WithMetadata(Stated(Verb.Get));
            routes.Map(repository + "/git-receive-pack", Guarded(_ => GitService.ReceivePack, OnlyBy("POST"))).WithMetadata(Stated(Verb.Update));
        }

        routes.MapMethods("/git/{**rest}", AllMethods, Guarded(_ => GitService.UploadPack, (context, _) => RefuseAsync(context, StatusCodes.Status404NotFound, "not found")))
            .WithMetadata(Stated(Verb.Get) with { NameFrom = null });
    }

    // git wants its own answers to "not allowed", so these routes ask by themselves.
    private static StatedRight Stated(Verb verb) => new(verb, ResourceKind.Repositories, "name") { AsksItself = true };

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
        _serving.Dispose();
    }

    private sealed record Visit(GitService Service, Principal Principal, RepositoryName Name, string? Protocol, string Peer);

    // The right is that of the service which will be executed, decided before anything of the request's content is looked at.
    private RequestDelegate Guarded(Func<HttpContext, GitService?> serviceOf, Func<HttpContext, Visit, Task> serve) => async context =>
    {
        try
        {
            var service = serviceOf(context);
            if (!_authenticator.TryAuthenticate(context.Request.Headers.Authorization, out var principal))
            {
                await ChallengeAsync(context).ConfigureAwait(false);
                return;
            }

            var (verb, name) = ((service ?? GitService.UploadPack).Verb, NameOf(context));
            switch (Decide(principal, verb, name))
            {
                case AccessDecision.CredentialNeeded:
                    await ChallengeAsync(context).ConfigureAwait(false);
                    return;
                case AccessDecision.Hidden:
                    await RefuseAsync(context, StatusCodes.Status404NotFound, "not found").ConfigureAwait(false);
                    return;
                case AccessDecision.Denied:
                    await RefuseAsync(context, StatusCodes.Status403Forbidden, $"{principal} may not push to this repository").ConfigureAwait(false);
                    return;
            }

            if (service is null)
            {
                await RefuseAsync(context, StatusCodes.Status403Forbidden, "only smart HTTP is served: ask with service=git-upload-pack or service=git-receive-pack").ConfigureAwait(false);
                return;
            }

            if (name is null)
            {
                await RefuseAsync(context, StatusCodes.Status404NotFound, "not found").ConfigureAwait(false);
                return;
            }

            var visit = new Visit(service, principal, name, GitProtocolHeader.Read(context.Request.Headers["Git-Protocol"]), Peer.Of(context.Connection.RemoteIpAddress));
            using var entered = _serving.Places.Enter(visit.Peer);
            DemandSpeed(context);
            await serve(context, visit).ConfigureAwait(false);
        }
        catch (GitHostException failure)
        {
            await RefuseAsync(context, StatusOf(failure.Problem), failure.Message).ConfigureAwait(false);
        }
        catch (ProgramException failure)
        {
            LogGitFailed(failure, context.Request.Path);
            context.Abort();
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            LogClientWentAway(context.Request.Path);
        }
    };

    // The first push to a name makes the repository, which is a right of its own.
    private AccessDecision Decide(Principal principal, Verb verb, RepositoryName? name)
    {
        var decision = _rules.Decide(principal, verb, ResourceKind.Repositories, name?.Text);
        return decision == AccessDecision.Allowed && verb == Verb.Update && name is not null && _serving.Options.CreateOnPush && !_store.Exists(name)
            ? _rules.Decide(principal, Verb.Create, ResourceKind.Repositories, name.Text)
            : decision;
    }

    // A client that sends or takes a byte now and then would hold on to a request for ever. HTTP/2 knows one speed for a whole connection only.
    private void DemandSpeed(HttpContext context)
    {
        if (HttpProtocol.IsHttp2(context.Request.Protocol) || HttpProtocol.IsHttp3(context.Request.Protocol))
        {
            return;
        }

        var rate = new MinDataRate(_serving.Options.MinBytesPerSecond, _serving.Options.SlowGrace);
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } request)
        {
            request.MinDataRate = rate;
        }

        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } response)
        {
            response.MinDataRate = rate;
        }
    }

    private static GitService? AdvertisedService(HttpContext context) =>
        context.Request.Query["service"] is [var only] ? GitService.Named(only) : null;

    private static RepositoryName? NameOf(HttpContext context)
    {
        var (owner, name) = (context.Request.RouteValues["owner"] as string, context.Request.RouteValues["name"] as string);
        return RepositoryName.TryParse(owner is null ? name : $"{owner}/{name}", out var found) ? found : null;
    }

    private async Task AdvertiseAsync(HttpContext context, Visit visit)
    {
        // A push to a name that has no repository yet is shown an empty one; only the push itself makes it.
        var createsOnPush = _serving.Options.CreateOnPush && visit.Service == GitService.ReceivePack && !_store.Exists(visit.Name);
        var path = createsOnPush ? _store.TemplatePath : _store.PathTo(visit.Name);
        using var place = await _serving.Places.TakeAsync(visit.Peer, context.RequestAborted).ConfigureAwait(false);
        StartAnswer(context, $"application/x-{visit.Service.Name}-advertisement");
        if (visit.Protocol?.Split(':').Contains("version=2") != true)
        {
            await context.Response.Body.WriteAsync(PacketLines.Line($"# service={visit.Service.Name}\n"), context.RequestAborted).ConfigureAwait(false);
            await context.Response.Body.WriteAsync("0000"u8.ToArray(), context.RequestAborted).ConfigureAwait(false);
        }

        await _serving.Git.Runner.StreamAsync(
            _serving.Call(visit.Service, path, visit.Protocol, advertise: true),
            (_, _) => Task.CompletedTask,
            (output, token) => output.CopyToAsync(context.Response.Body, token),
            context.RequestAborted).ConfigureAwait(false);
    }

    private async Task UploadPackAsync(HttpContext context, Visit visit)
    {
        RequireContentType(context, visit.Service);
        var path = _store.PathTo(visit.Name);
        await using var body = await RequestBody.ReceiveAsync(context.Request, _serving.Options.MaxFetchRequestBytes, _store.IncomingFolder, context.RequestAborted).ConfigureAwait(false);
        using var place = await _serving.Places.TakeAsync(visit.Peer, context.RequestAborted).ConfigureAwait(false);
        StartAnswer(context, $"application/x-{visit.Service.Name}-result");
        var exit = await _serving.Git.Runner.StreamAsync(
            _serving.Call(visit.Service, path, visit.Protocol, advertise: false),
            (input, token) => body.CopyToAsync(input, token),
            (output, token) => output.CopyToAsync(context.Response.Body, token),
            context.RequestAborted).ConfigureAwait(false);
        AnswerFailure(context, exit);
    }

    private async Task ReceivePackAsync(HttpContext context, Visit visit)
    {
        RequireContentType(context, visit.Service);
        if (!_serving.Options.CreateOnPush)
        {
            _ = _store.PathTo(visit.Name);
        }

        await using var body = await RequestBody.ReceiveAsync(context.Request, _serving.Options.MaxPushBytes, _store.IncomingFolder, context.RequestAborted).ConfigureAwait(false);
        using var place = await _serving.Places.TakeAsync(visit.Peer, context.RequestAborted).ConfigureAwait(false);
        var response = new PushAnswer(context.Response, () => StartAnswer(context, $"application/x-{visit.Service.Name}-result"));
        await _pushes.ServeAsync(visit.Name, body, visit.Protocol, visit.Principal, response, _stopping.Token).ConfigureAwait(false);
    }

    private static Func<HttpContext, Visit, Task> OnlyBy(string method) => (context, _) =>
    {
        context.Response.Headers.Allow = method;
        return RefuseAsync(context, StatusCodes.Status405MethodNotAllowed, $"only {method} is served here");
    };

    private static void RequireContentType(HttpContext context, GitService service)
    {
        if (context.Request.ContentType != $"application/x-{service.Name}-request")
        {
            throw new GitHostException(GitHostProblem.WrongContent, $"the Content-Type must be application/x-{service.Name}-request");
        }
    }

    private static void StartAnswer(HttpContext context, string contentType)
    {
        context.Response.ContentType = contentType;
        context.Response.Headers.CacheControl = "no-cache, max-age=0, must-revalidate";
        context.Response.Headers.Expires = "Fri, 01 Jan 1980 00:00:00 GMT";
        context.Response.Headers.Pragma = "no-cache";
    }

    // git upload-pack tells the client what is wrong in the protocol; where it died without a word there is nothing to hold on to.
    private void AnswerFailure(HttpContext context, ProgramExit exit)
    {
        if (exit.ExitCode == 0)
        {
            return;
        }

        LogServiceFailed(context.Request.Path, exit.ExitCode, Plain(exit.Errors));
        if (!context.Response.HasStarted)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
        }
    }

    // What git says repeats what a client sent: it must neither forge lines of the log nor steer a terminal.
    private static string Plain(string text) => string.Concat(text.Take(1000).Select(c => char.IsControl(c) ? ' ' : c));

    private static Task ChallengeAsync(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"Capstan\", charset=\"UTF-8\"";
        return RefuseAsync(context, StatusCodes.Status401Unauthorized, "a credential is needed: any user name, and the token as password");
    }

    private static async Task RefuseAsync(HttpContext context, int status, string message)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = "5";
        }

        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.WriteAsync(message + "\n", context.RequestAborted).ConfigureAwait(false);
        }
    }

    private static int StatusOf(GitHostProblem problem) => problem switch
    {
        GitHostProblem.InvalidName or GitHostProblem.NotFound => StatusCodes.Status404NotFound,
        GitHostProblem.AlreadyExists => StatusCodes.Status409Conflict,
        GitHostProblem.TooLarge => StatusCodes.Status413PayloadTooLarge,
        GitHostProblem.WrongContent => StatusCodes.Status415UnsupportedMediaType,
        GitHostProblem.Busy => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status400BadRequest,
    };

    [LoggerMessage(2101, LogLevel.Warning, "git ended with {ExitCode} while it served {Path}: {Errors}")]
    private partial void LogServiceFailed(string path, int exitCode, string errors);

    [LoggerMessage(2102, LogLevel.Error, "git could not serve {Path}")]
    private partial void LogGitFailed(Exception failure, string path);

    [LoggerMessage(2103, LogLevel.Debug, "The client of {Path} went away")]
    private partial void LogClientWentAway(string path);
}

/// <summary>What the endpoints serve from.</summary>
/// <param name="Store">The repositories.</param>
/// <param name="Git">The git program.</param>
/// <param name="Options">Settings.</param>
public sealed record GitHostParts(RepositoryStore Store, GitProgram Git, GitHostOptions Options);
