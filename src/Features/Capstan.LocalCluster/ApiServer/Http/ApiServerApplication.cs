using Capstan.LocalCluster.ApiServer.OpenApi;
using Capstan.LocalCluster.Identity;
using Capstan.LocalCluster.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Capstan.LocalCluster.ApiServer.Http;

/// <summary>Where every request comes in: who asks, what for, and no failure leaves without a <c>Status</c>.</summary>
internal sealed partial class ApiServerApplication(
    RequestGuard guard, AccountTokens tokens, ResourceEndpoint resources, DiscoveryDocuments discovery, OpenApiDocuments openApi, RequestAudit audit, ILogger logger, CancellationToken stopping)
{
    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await RouteAsync(context).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller went away; there is nobody to answer.
            return;
        }
        catch (Exception error)
        {
            await FailAsync(context, error).ConfigureAwait(false);
        }
        finally
        {
            audit.Tell(context, RequestPath.Raw(context));
        }
    }

    private Task RouteAsync(HttpContext context)
    {
        var path = RequestPath.Raw(context);
        if (path is "/livez" or "/readyz" or "/healthz" || path.StartsWith("/livez/", StringComparison.Ordinal) || path.StartsWith("/readyz/", StringComparison.Ordinal))
        {
            return Answers.TextAsync(context, "ok");
        }

        guard.Identify(context);
        var parsed = RequestPath.Parse(path);
        guard.Check(context, path, parsed);
        if (path == "/version")
        {
            return Answers.JsonAsync(context, 200, ServerVersion.Document);
        }

        if (path.StartsWith("/openapi/", StringComparison.Ordinal))
        {
            return OpenApiAsync(context, path);
        }

        if (path == "/")
        {
            return Answers.JsonAsync(context, 200, Yaml.YamlMap.Of(("paths", Yaml.YamlList.Create(["/.well-known/openid-configuration", "/api", "/apis", "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version"]))));
        }

        if (path == "/.well-known/openid-configuration")
        {
            return Answers.JsonAsync(context, 200, IssuerConfiguration);
        }

        if (path == "/openid/v1/jwks")
        {
            return Answers.JsonAsync(context, 200, tokens.KeySet());
        }

        if (parsed is null)
        {
            throw ApiErrors.NoSuchPath();
        }

        return parsed.Resource.Length > 0 ? resources.HandleAsync(context, parsed, stopping) : DiscoverAsync(context, parsed, path.StartsWith("/apis", StringComparison.Ordinal));
    }

    // OpenID Connect Discovery 1.0, as far as verifiers of service accounts' tokens need it.
    private static Yaml.YamlMap IssuerConfiguration => Yaml.YamlMap.Of(
        ("issuer", AccountTokens.Issuer), ("jwks_uri", AccountTokens.Issuer + "/openid/v1/jwks"), ("response_types_supported", Yaml.YamlList.Create(["id_token"])),
        ("subject_types_supported", Yaml.YamlList.Create(["public"])), ("id_token_signing_alg_values_supported", Yaml.YamlList.Create(["ES256"])));

    private Task DiscoverAsync(HttpContext context, RequestPath path, bool named)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            throw ApiErrors.MethodNotAllowed();
        }

        var accepted = Accepted.Parse(context.Request.Headers.Accept.ToString());
        if (path.Version.Length > 0)
        {
            return Answers.JsonAsync(context, 200, discovery.Resources(path.Group, path.Version) ?? throw ApiErrors.NoSuchPath());
        }

        if (path.Group.Length > 0)
        {
            return Answers.JsonAsync(context, 200, discovery.Group(path.Group) ?? throw ApiErrors.NoSuchPath());
        }

        if (accepted.Discovery is { Length: > 0 })
        {
            var body = Yaml.JsonText.WriteBytes(discovery.Aggregated(!named, accepted.Discovery));
            context.Response.ContentType = $"application/json;g=apidiscovery.k8s.io;v={accepted.Discovery};as=APIGroupDiscoveryList";
            context.Response.ContentLength = body.Length;
            return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
        }

        return Answers.JsonAsync(context, 200, named ? discovery.Groups() : DiscoveryDocuments.CoreVersions(context.Request.Host.Value ?? ""));
    }

    private Task OpenApiAsync(HttpContext context, string path)
    {
        if (path == "/openapi/v3")
        {
            return Answers.JsonAsync(context, 200, openApi.Index());
        }

        if (path != "/openapi/v2")
        {
            return DocumentAsync(context, openApi.Of(path["/openapi/v3/".Length..]) ?? throw ApiErrors.NoSuchPath(), "application/json");
        }

        // Old clients take nothing but protobuf; new ones name it first and take JSON as well.
        var accept = context.Request.Headers.Accept.ToString();
        var protobuf = accept.Contains("proto-openapi.spec.v2", StringComparison.Ordinal) && !accept.Contains("application/json", StringComparison.Ordinal);
        return DocumentAsync(context, openApi.Whole(protobuf), protobuf ? ProtobufDocument.MediaType : "application/json");
    }

    private static async Task DocumentAsync(HttpContext context, (byte[] Bytes, string Tag) document, string type)
    {
        context.Response.Headers.ETag = document.Tag;
        context.Response.Headers.Vary = "Accept";
        if (context.Request.Headers.IfNoneMatch.ToString() == document.Tag)
        {
            context.Response.StatusCode = 304;
            return;
        }

        context.Response.ContentType = type;
        context.Response.ContentLength = document.Bytes.Length;
        await context.Response.BodyWriter.WriteAsync(document.Bytes, context.RequestAborted).ConfigureAwait(false);
    }

    private async Task FailAsync(HttpContext context, Exception error)
    {
        var status = error switch
        {
            ApiStatusException known => known,
            StoreUnavailableException store => ApiErrors.Internal(store.Message),
            BadHttpRequestException bad => new ApiStatusException(bad.StatusCode, bad.StatusCode == 413 ? ApiReasons.RequestEntityTooLarge : ApiReasons.BadRequest, bad.Message),
            InsufficientExecutionStackException => ApiErrors.BadRequest("the object is nested too deeply"),
            _ => ApiErrors.Internal(error.Message),
        };
        if (status.Code >= 500)
        {
            Failed(logger, context.Request.Method, context.Request.Path, error);
        }

        if (context.Response.HasStarted)
        {
            // Half an answer cannot be taken back; cutting the connection tells the caller that it is not whole.
            context.Abort();
            return;
        }

        context.Response.Clear();
        await Answers.StatusAsync(context, status).ConfigureAwait(false);
    }

    [LoggerMessage(EventId = 6001, Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private static partial void Failed(ILogger logger, string method, string path, Exception error);
}
