using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.ApiServer.Operations;
using Capstan.LocalCluster.Node;
using Capstan.LocalCluster.Node.Streaming;
using Capstan.Resources;
using Capstan.Yaml;
using Microsoft.AspNetCore.Http;

namespace Capstan.LocalCluster.ApiServer.Http;

/// <summary>What can be asked of a pod besides its object: to be bound to a node, to be evicted, to be looked into.</summary>
internal sealed class PodEndpoint(ObjectReader reader, ObjectWriter writer, PodEvictions evictions, SessionGuard sessions, PodStreamEndpoint? containers)
{
    private static readonly Dictionary<string, string> NeedContainers = new(StringComparer.Ordinal)
    {
        ["log"] = "has no log",
        ["exec"] = "cannot run a command",
        ["attach"] = "cannot be attached to",
        ["portforward"] = "cannot be forwarded to",
        ["proxy"] = "cannot be connected to",
        ["resize"] = "cannot be resized",
    };

    /// <summary>Refuses another container where none run.</summary>
    public void CheckTakesContainers(Target target)
    {
        if (containers is null)
        {
            throw NoContainer(target, "cannot take another container");
        }
    }

    /// <summary>Whether a subresource of pods is answered here.</summary>
    public static bool Serves(Target target) =>
        target.Resource.Qualified == "pods" && (target.Subresource is "binding" or "eviction" || NeedContainers.ContainsKey(target.Subresource));

    public Task HandleAsync(HttpContext context, Target target, CancellationToken cancellation)
    {
        if (containers is not null && PodStreamEndpoint.Serves(target.Subresource))
        {
            var pod = new KubernetesObject(reader.Get(target).Tree);
            return pod.Spec.Text("nodeName") == NodeObject.Name
                ? sessions.RunAsync(context, target, pod.Uid, token => containers.HandleAsync(context, pod, target.Subresource, token), cancellation)
                : throw ApiErrors.BadRequest($"pod {target.Name} does not have a host assigned");
        }

        if (NeedContainers.TryGetValue(target.Subresource, out var cannot))
        {
            throw NoContainer(target, cannot);
        }

        if (!HttpMethods.IsPost(context.Request.Method))
        {
            throw ApiErrors.MethodNotAllowed();
        }

        return target.Subresource == "binding" ? BindAsync(context, target, cancellation) : EvictAsync(context, target, cancellation);
    }

    private ApiStatusException NoContainer(Target target, string cannot)
    {
        var node = reader.Get(target).Tree.Text("spec", "nodeName");
        var where = containers is not null ? "this node does not do that" : node is "" or SimulatedNode.Name ? $"the node \"{SimulatedNode.Name}\" is simulated and runs no containers" : $"nothing is known of the node \"{node}\"";
        return ApiErrors.BadRequest($"pod \"{target.Name}\" {cannot}: {where}");
    }

    private async Task BindAsync(HttpContext context, Target target, CancellationToken cancellation)
    {
        var options = RequestQuery.Write(context.Request, apply: false);
        var body = await RequestBody.ReadObjectAsync(context.Request, options, cancellation).ConfigureAwait(false);
        var node = body.Text("target", "name");
        if (node.Length == 0)
        {
            throw ApiErrors.Invalid(target.Resource, target.Name, [FieldProblem.Required("target.name")]);
        }

        await writer.ChangeAsync(target with { Subresource = "" }, pod => Bound(target, pod, node), options, cancellation).ConfigureAwait(false);
        await Answers.JsonAsync(context, 201, Success).ConfigureAwait(false);
    }

    private static YamlMap Bound(Target target, YamlMap pod, string node)
    {
        if (pod.At("metadata", "deletionTimestamp") is not null)
        {
            throw ApiErrors.Conflict(target.Resource, target.Name, $"pod {target.Name} is being deleted, cannot be assigned to a host");
        }

        return pod.Text("spec", "nodeName") is { Length: > 0 } taken
            ? throw ApiErrors.Conflict(target.Resource, target.Name, $"pod {target.Name} is already assigned to node \"{taken}\"")
            : pod.WithAt(["spec", "nodeName"], node);
    }

    private async Task EvictAsync(HttpContext context, Target target, CancellationToken cancellation)
    {
        var lenient = new WriteOptions { FieldValidation = FieldValidation.Ignore };
        var body = await RequestBody.ReadObjectAsync(context.Request, lenient, cancellation).ConfigureAwait(false);
        if (body.Text("metadata", "name") is { Length: > 0 } name && name != target.Name)
        {
            throw ApiErrors.BadRequest("name in URL does not match name in Eviction object");
        }

        var options = RequestQuery.Delete(context.Request, body.MapAt("deleteOptions"));
        await evictions.EvictAsync(target, options, cancellation).ConfigureAwait(false);
        await Answers.JsonAsync(context, 201, Success).ConfigureAwait(false);
    }

    private static YamlMap Success => YamlMap.Of(("kind", "Status"), ("apiVersion", "v1"), ("metadata", YamlMap.Empty), ("status", "Success"), ("code", 201));
}
