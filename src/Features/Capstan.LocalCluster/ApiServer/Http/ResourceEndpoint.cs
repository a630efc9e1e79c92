using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.ApiServer.Operations;
using Capstan.Yaml;
using Microsoft.AspNetCore.Http;

namespace Capstan.LocalCluster.ApiServer.Http;

/// <summary>The verbs over HTTP: reads a request, calls the operation, writes the answer.</summary>
internal sealed class ResourceEndpoint(
    ResourceCatalog catalog, ObjectReader reader, ObjectWriter writer, ObjectDeleter deleter, PodEndpoint pods, WatchStream watches, Answers answers,
    Reviews reviews, TokenRequests tokens)
{
    // Kinds whose deletion answers the object; the others answer a Status (registry ReturnDeletedObject).
    private static readonly HashSet<string> AnswerDeleted = new(StringComparer.Ordinal)
    {
        "pods", "persistentvolumeclaims", "persistentvolumes", "serviceaccounts", "podtemplates", "resourcequotas", "services",
    };

    public Task HandleAsync(HttpContext context, RequestPath path, CancellationToken stopping)
    {
        var resource = catalog.Find(path.Group, path.Version, path.Resource) ?? throw ApiErrors.NoSuchPath();
        CheckScope(resource, path);
        var target = new Target(resource, path.Version, path.Namespace, path.Name, path.Subresource);
        if (PodEndpoint.Serves(target) && target.Name.Length > 0)
        {
            return pods.HandleAsync(context, target, context.RequestAborted);
        }

        var method = context.Request.Method;
        var cancellation = context.RequestAborted;
        if (target is { Subresource: "token", Resource.Qualified: "serviceaccounts" })
        {
            return HttpMethods.IsPost(method) ? TokenAsync(context, target, cancellation) : throw ApiErrors.MethodNotAllowed();
        }

        CheckSubresource(target);
        if (target.Subresource == "ephemeralcontainers" && !HttpMethods.IsGet(method))
        {
            pods.CheckTakesContainers(target);
        }

        if (resource.CreateOnly)
        {
            return HttpMethods.IsPost(method) ? ReviewAsync(context, target, cancellation) : throw ApiErrors.MethodNotAllowed();
        }

        if (path.Name.Length == 0)
        {
            return method switch
            {
                "GET" when path.IsWatch || RequestQuery.Watches(context.Request) => WatchAsync(context, target, stopping),
                "GET" or "HEAD" => ListAsync(context, target),
                "POST" when !resource.Namespaced || path.Namespace.Length > 0 => CreateAsync(context, target, cancellation),
                "DELETE" when !resource.Namespaced || path.Namespace.Length > 0 => DeleteAllAsync(context, target, cancellation),
                _ => throw ApiErrors.MethodNotAllowed(),
            };
        }

        return method switch
        {
            "GET" when path.IsWatch || RequestQuery.Watches(context.Request) => WatchAsync(context, target, stopping),
            "GET" or "HEAD" => GetAsync(context, target),
            "PUT" => UpdateAsync(context, target, cancellation),
            "PATCH" => PatchAsync(context, target, cancellation),
            "DELETE" when path.Subresource.Length == 0 => DeleteAsync(context, target, cancellation),
            _ => throw ApiErrors.MethodNotAllowed(),
        };
    }

    private static void CheckScope(ServedResource resource, RequestPath path)
    {
        if (path.Namespace.Length > 0 && !resource.Namespaced || resource.Namespaced && path.Namespace.Length == 0 && path.Name.Length > 0)
        {
            throw ApiErrors.NoSuchPath();
        }
    }

    private static void CheckSubresource(Target target)
    {
        var known = target.Subresource switch
        {
            "" => true,
            "status" => target.Resource.HasStatus,
            "scale" => target.Resource.Scale is not null,
            "finalize" => target.Resource.Qualified == "namespaces",
            "approval" => target.Resource.Kind == "CertificateSigningRequest",
            "ephemeralcontainers" => target.Resource.Qualified == "pods",
            _ => false,
        };
        if (!known)
        {
            throw ApiErrors.NoSuchPath();
        }
    }

    private Task GetAsync(HttpContext context, Target target)
    {
        var accepted = Accepted.Parse(context.Request.Headers.Accept.ToString());
        var found = reader.Get(target);
        return target.Subresource == "scale"
            ? Answers.JsonAsync(context, 200, Scaling.Of(target, found.Tree))
            : answers.StoredAsync(context, target, accepted, found);
    }

    private Task ListAsync(HttpContext context, Target target)
    {
        var accepted = Accepted.Parse(context.Request.Headers.Accept.ToString());
        var options = RequestQuery.List(context.Request, target.Resource);
        return answers.ListAsync(context, target, accepted, reader.List(target.Resource, Space(target), options));
    }

    private Task WatchAsync(HttpContext context, Target target, CancellationToken stopping)
    {
        var accepted = Accepted.Parse(context.Request.Headers.Accept.ToString());
        var options = RequestQuery.List(context.Request, target.Resource);
        if (target.Name.Length > 0)
        {
            options = options with { Fields = FieldSelector.Parse($"metadata.name={target.Name}", target.Resource) };
        }

        return watches.RunAsync(context, target, Space(target), options, accepted, stopping);
    }

    private async Task CreateAsync(HttpContext context, Target target, CancellationToken cancellation)
    {
        var accepted = Accepted.Parse(context.Request.Headers.Accept.ToString());
        var options = RequestQuery.Write(context.Request, apply: false);
        var body = await RequestBody.ReadObjectAsync(context.Request, options, cancellation).ConfigureAwait(false);
        var outcome = await writer.CreateAsync(target, body, options, cancellation).ConfigureAwait(false);
        Answers.Warn(context, options);
        await answers.WrittenAsync(context, 201, target, accepted, outcome).ConfigureAwait(false);
    }

    private async Task ReviewAsync(HttpContext context, Target target, CancellationToken cancellation)
    {
        if (Accepted.Parse(context.Request.Headers.Accept.ToString()).Form != AnswerForm.Object)
        {
            throw ApiErrors.NotAcceptable();
        }

        var options = RequestQuery.Write(context.Request, apply: false);
        var body = await RequestBody.ReadObjectAsync(context.Request, options, cancellation).ConfigureAwait(false);
        var question = ObjectAdmission.Checked(target, body, options);
        await Answers.JsonAsync(context, 201, reviews.Answer(target, question, RequestUser.Of(context))).ConfigureAwait(false);
    }

    private async Task TokenAsync(HttpContext context, Target target, CancellationToken cancellation)
    {
        var options = RequestQuery.Write(context.Request, apply: false);
        var body = await RequestBody.ReadObjectAsync(context.Request, options, cancellation).ConfigureAwait(false);
        await Answers.JsonAsync(context, 201, tokens.Answer(target, body)).ConfigureAwait(false);
    }

    private async Task UpdateAsync(HttpContext context, Target target, CancellationToken cancellation)
    {
        var accepted = Accepted.Parse(context.Request.Headers.Accept.ToString());
        var options = RequestQuery.Write(context.Request, apply: false);
        var body = await RequestBody.ReadObjectAsync(context.Request, options, cancellation).ConfigureAwait(false);
        if (target.Subresource == "scale")
        {
            var scaled = await writer.ChangeAsync(target, live => Scaling.Taken(target, live, body), options, cancellation).ConfigureAwait(false);
            await Answers.JsonAsync(context, 200, Scaling.Of(target, scaled.Tree)).ConfigureAwait(false);
            return;
        }

        var outcome = await writer.UpdateAsync(target, body, options, cancellation).ConfigureAwait(false);
        Answers.Warn(context, options);
        await answers.WrittenAsync(context, 200, target, accepted, outcome).ConfigureAwait(false);
    }

    private async Task PatchAsync(HttpContext context, Target target, CancellationToken cancellation)
    {
        var accepted = Accepted.Parse(context.Request.Headers.Accept.ToString());
        var type = RequestBody.MediaType(context.Request);
        PatchKind kind = type switch
        {
            "application/json-patch+json" => PatchKind.Json,
            "application/merge-patch+json" => PatchKind.Merge,
            "application/strategic-merge-patch+json" => PatchKind.Strategic,
            "application/apply-patch+yaml" => PatchKind.Apply,
            _ => throw ApiErrors.Unsupported(type, "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml"),
        };
        var options = RequestQuery.Write(context.Request, kind == PatchKind.Apply);
        var bytes = await RequestBody.ReadBytesAsync(context.Request, cancellation).ConfigureAwait(false);
        var patch = RequestBody.Parse(bytes, kind == PatchKind.Apply && !LooksLikeJson(bytes), options);
        var outcome = await writer.PatchAsync(target, kind, patch, options, cancellation).ConfigureAwait(false);
        Answers.Warn(context, options);
        if (target.Subresource == "scale")
        {
            await Answers.JsonAsync(context, 200, Scaling.Of(target, outcome.Tree)).ConfigureAwait(false);
            return;
        }

        await answers.WrittenAsync(context, outcome.Created ? 201 : 200, target, accepted, outcome).ConfigureAwait(false);
    }

    private async Task DeleteAsync(HttpContext context, Target target, CancellationToken cancellation)
    {
        var accepted = Accepted.Parse(context.Request.Headers.Accept.ToString());
        var outcome = await deleter.DeleteAsync(target, await DeleteOptionsAsync(context, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        if (!outcome.Gone || AnswerDeleted.Contains(target.Resource.Qualified))
        {
            await answers.ObjectAsync(context, 200, target, accepted, outcome.Tree).ConfigureAwait(false);
            return;
        }

        var details = ApiErrors.Details(target.Resource, target.Name).With("uid", outcome.Tree.Text("metadata", "uid"));
        await Answers.JsonAsync(context, 200, YamlMap.Of(
            ("kind", "Status"), ("apiVersion", "v1"), ("metadata", YamlMap.Empty), ("status", "Success"), ("details", details))).ConfigureAwait(false);
    }

    private async Task DeleteAllAsync(HttpContext context, Target target, CancellationToken cancellation)
    {
        var accepted = Accepted.Parse(context.Request.Headers.Accept.ToString());
        var page = reader.List(target.Resource, Space(target), RequestQuery.List(context.Request, target.Resource));
        var options = await DeleteOptionsAsync(context, cancellation).ConfigureAwait(false);
        foreach (var item in page.Items)
        {
            try
            {
                var one = target with { Namespace = item.Key.Namespace, Name = item.Key.Name };
                await deleter.DeleteAsync(one, options, cancellation).ConfigureAwait(false);
            }
            catch (ApiStatusException gone) when (gone.Reason == ApiReasons.NotFound)
            {
                // Somebody else deleted it in between, which is what was wanted.
                continue;
            }
        }

        await answers.ListAsync(context, target, accepted, page).ConfigureAwait(false);
    }

    private static async Task<DeleteOptions> DeleteOptionsAsync(HttpContext context, CancellationToken cancellation)
    {
        var lenient = new WriteOptions { FieldValidation = FieldValidation.Ignore };
        var body = await RequestBody.ReadObjectOrNothingAsync(context.Request, lenient, cancellation).ConfigureAwait(false);
        return RequestQuery.Delete(context.Request, body);
    }

    private static string? Space(Target target) => !target.Resource.Namespaced ? "" : target.Namespace.Length == 0 ? null : target.Namespace;

    private static bool LooksLikeJson(byte[] bytes) => bytes.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'{', ..];
}
