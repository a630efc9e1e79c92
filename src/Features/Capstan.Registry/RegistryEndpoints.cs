using Capstan.Access.Rights;
using Capstan.Access.Tokens;
using Capstan.Oci.Errors;
using Capstan.Oci.References;
using Capstan.Registry.Endpoints;
using Capstan.Registry.Routing;
using Capstan.Registry.Storage;
using Capstan.Registry.Tokens;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Capstan.Registry;

/// <summary>OCI Distribution 1.1 at <c>/v2/</c>. Every request: who asks, what is named, whether that may be done; only then anything of it is looked at.</summary>
/// <param name="store">All that the registry keeps.</param>
/// <param name="authenticator">Finds out who asks.</param>
/// <param name="rules">Decides who may do what.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log.</param>
public sealed partial class RegistryEndpoints(ImageStore store, Authenticator authenticator, AccessRules rules, TimeProvider time, ILogger<RegistryEndpoints> log) : IDisposable
{
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;
    private readonly RegistryTokens _tokens = new(time);

    /// <summary>A folder for files that are done with soon.</summary>
    internal string Drafts => store.Folders.Drafts;

    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.Map("/v2/{**rest}", ServeAsync).WithMetadata(new StatedRight(Verb.Get, ResourceKind.Images) { AsksItself = true });

    /// <inheritdoc/>
    public void Dispose() => _tokens.Dispose();

    internal async Task ServeAsync(HttpContext http)
    {
        http.Response.Headers["Docker-Distribution-API-Version"] = "registry/2.0";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        try
        {
            // 1. Who asks.
            if (RegistryCaller.Find(http.Request.Headers.Authorization, authenticator, rules, _tokens) is not { } caller)
            {
                throw Unauthorized(http, null, RegistryAction.Pull, "the credential is not valid, or no longer");
            }

            // 2. What is named. The raw text decides, so that %2F never becomes a slash.
            var route = RegistryRoute.Read((http.Request.Path.Value ?? "")["/v2".Length..]);
            if (route?.Name is null)
            {
                await ServeWithoutNameAsync(http, route, caller).ConfigureAwait(false);
                return;
            }

            // 3. What is done, and whether it may be.
            var operation = RegistryOperation.All.FirstOrDefault(o => o.Target == route.Target && o.Method == http.Request.Method);
            if (operation is null)
            {
                Require(http, caller, route.Name, RegistryAction.Pull);
                http.Response.Headers.Allow = string.Join(", ", RegistryOperation.All.Where(o => o.Target == route.Target).Select(o => o.Method));
                throw RegistryException.Unsupported($"{http.Request.Method} is not served here");
            }

            Require(http, caller, route.Name, operation.Action);

            // 4. It is done.
            if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = null;
            await operation.ServeAsync(new RegistryVisit(http, store, route.Name, route.Reference, caller.Principal, (name, action) => caller.Decide(name, action) == AccessDecision.Allowed)).ConfigureAwait(false);
        }
        catch (Exception failure) when (Explain(http, failure) is { } refusal)
        {
            await RefuseAsync(http, refusal).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException && http.RequestAborted.IsCancellationRequested)
        {
            LogClientWentAway(http.Request.Path);
        }
    }

    private async Task ServeWithoutNameAsync(HttpContext http, RegistryRoute? route, RegistryCaller caller)
    {
        if (route is null) throw new RegistryException(404, RegistryErrorCode.Unsupported, "nothing is served at this address");
        if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method)) throw RegistryException.Unsupported($"{http.Request.Method} is not served here");
        bool May(ImageName name, RegistryAction action) => caller.Decide(name, action) == AccessDecision.Allowed;
        switch (route.Target)
        {
            case RegistryTarget.Token when caller.Grant is null:
                if (caller.Principal.Kind == PrincipalKind.Anonymous && !rules.AllowAnonymousReading) throw Unauthorized(http, null, RegistryAction.Pull, "a credential is needed");
                await GetToken.ServeAsync(http, _tokens, May, store.Options.TokenLifetime).ConfigureAwait(false);
                return;
            case RegistryTarget.Base when caller.IsAnonymous && !caller.HasToken:
                // Clients take it from here whether they must sign in at all: the challenge comes even where everybody may read.
                throw Unauthorized(http, null, RegistryAction.Pull, "a credential is needed");
            case RegistryTarget.Catalog when !caller.IsAnonymous || rules.AllowAnonymousReading:
                await ListCatalog.ServeAsync(http, store, May).ConfigureAwait(false);
                return;
            case RegistryTarget.Base:
                await RegistryJson.WriteAsync(http, "application/json", _ => { }).ConfigureAwait(false);
                return;
            default:
                throw Unauthorized(http, null, RegistryAction.Pull, "a credential is needed");
        }
    }

    private void Require(HttpContext http, RegistryCaller caller, ImageName name, RegistryAction action)
    {
        switch (caller.Decide(name, action))
        {
            case AccessDecision.Allowed:
                return;
            case AccessDecision.CredentialNeeded:
                throw Unauthorized(http, name, action, $"{name}: a credential is needed to {action.Word()}");
            case AccessDecision.Hidden when action == RegistryAction.Pull:
                throw RegistryException.NameUnknown(name);
            default:
                throw new RegistryException(403, RegistryErrorCode.Denied, $"{name}: {caller.Principal} may not {action.Word()}");
        }
    }

    // Where everybody may read, clients are sent through the token flow: after a look at /v2/ that needed nothing they would never sign in.
    private RegistryException Unauthorized(HttpContext http, ImageName? name, RegistryAction action, string message)
    {
        var request = http.Request;
        var scope = name is null ? "" : $",scope=\"repository:{name}:{(action == RegistryAction.Push ? "pull,push" : action.Word())}\"";
        var address = store.Options.ExternalUrl?.ToString().TrimEnd('/') ?? $"{request.Scheme}://{request.Host}";
        http.Response.Headers.WWWAuthenticate = rules.AllowAnonymousReading
            ? $"Bearer realm=\"{address}/v2/token\",service=\"{new Uri(address).Authority}\"{scope}"
            : "Basic realm=\"Capstan\", charset=\"UTF-8\"";
        return new RegistryException(401, RegistryErrorCode.Unauthorized, $"{message}: any user name, and the token as password");
    }

    private RegistryException? Explain(HttpContext http, Exception failure)
    {
        switch (failure)
        {
            case RegistryException refusal:
                return refusal;
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return new RegistryException(413, RegistryErrorCode.SizeInvalid, "the request is too large");
            case BadHttpRequestException bad:
                return new RegistryException(bad.StatusCode, RegistryErrorCode.SizeInvalid, "the request was cut off, or came too slowly");
            case IOException full when (full.HResult & 0xFFFF) is NoSpace or QuotaExceeded:
                LogDiskFull(http.Request.Path);
                return RegistryException.Full("the registry's disk is full; nothing was changed, try again when there is room");
            case IOException or UnauthorizedAccessException when !http.RequestAborted.IsCancellationRequested:
                LogFailed(failure, http.Request.Path);
                return new RegistryException(500, RegistryErrorCode.Unsupported, "the registry could not read or write its disk; its log has the whole of it");
            default:
                return null;
        }
    }

    private static async Task RefuseAsync(HttpContext http, RegistryException refusal)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }

        http.Response.StatusCode = refusal.Status;
        if (refusal.Status is 429 or 503) http.Response.Headers.RetryAfter = "5";
        await RegistryJson.WriteAsync(http, "application/json", RegistryErrors.Write(new RegistryError(refusal.Code, refusal.Message))).ConfigureAwait(false);
    }

    [LoggerMessage(2201, LogLevel.Debug, "The client of {Path} went away")]
    private partial void LogClientWentAway(string path);

    [LoggerMessage(2202, LogLevel.Error, "{Path}: the disk is full")]
    private partial void LogDiskFull(string path);

    [LoggerMessage(2203, LogLevel.Error, "{Path}: the registry's disk failed")]
    private partial void LogFailed(Exception failure, string path);
}
