using Capstan.Access.Secrets;
using Capstan.Api.Applications;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Server.Hosting;
using Capstan.Server.Problems;
using Capstan.Yaml;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Applications;

/// <summary>The objects of an application as the cluster has them, with the values of Secrets masked.</summary>
internal static class LiveObjects
{
    private const int MostEvents = 200;
    private static readonly GroupKind Events = new("", "Event");

    /// <summary>One of an application's objects, by the text that the tree has for it. Nothing outside the tree is shown.</summary>
    public static async Task<KubernetesObject> FindAsync(HttpContext http, ServerParts parts, KubernetesObject application)
    {
        var wanted = http.Request.Query["object"].FirstOrDefault() ?? throw RequestProblem.Malformed("object: is missing. Give KIND/NAMESPACE/NAME as the tree tells it");
        var key = parts.Reports.Keys(application).Where(k => k.ToString() == wanted).Select(k => (ObjectKey?)k).FirstOrDefault()
            ?? throw RequestProblem.NotFound($"{wanted}: is no object of application {application.Name}, or it", $"`capstan tree {application.Name}` lists all");
        var found = await parts.Cluster.FindAsync(key, http.RequestAborted).ConfigureAwait(false)
            ?? throw RequestProblem.NotFound($"{wanted}", "It is wanted by Git and not there yet, or was deleted a moment ago");
        return Mask(found).Without("metadata", "managedFields");
    }

    /// <summary>The cluster's Events about an application's objects, the newest first.</summary>
    public static async Task<IReadOnlyList<Happening>> EventsAsync(ServerParts parts, KubernetesObject application, CancellationToken cancellation)
    {
        var keys = parts.Reports.Keys(application).Select(k => (k.GroupKind.Kind, k.Namespace, k.Name)).ToHashSet();
        var kind = await parts.Cluster.ResolveAsync(Events, cancellation).ConfigureAwait(false);
        var found = new List<Happening>();
        foreach (var space in keys.Select(k => k.Namespace).Where(n => n.Length > 0).Distinct().Take(20))
        {
            var list = await parts.Cluster.ListAsync(kind, new ListOptions { Namespace = space }, cancellation).ConfigureAwait(false);
            found.AddRange(list.Items.Where(e => keys.Contains((Text(e, "involvedObject", "kind"), Text(e, "involvedObject", "namespace"), Text(e, "involvedObject", "name")))).Select(Read));
        }
        return [.. found.OrderByDescending(e => e.At, StringComparer.Ordinal).Take(MostEvents)];
    }

    /// <summary>An object whose Secret values, and every copy of them that a client left in it, are masked.</summary>
    public static KubernetesObject Mask(KubernetesObject source)
    {
        if (source.GroupKind != new GroupKind("", "Secret")) return source;
        var masked = source.Without("metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration");
        foreach (var field in (string[])["data", "stringData"])
        {
            if (masked.Body[field] is YamlMap values) masked = masked.With([field], YamlMap.Of([.. values.Select(v => (v.Key, (YamlNode)YamlScalar.String(SecretText.Mask)))]));
        }
        return masked;
    }

    private static Happening Read(KubernetesObject e) => new(
        Text(e, "lastTimestamp") is { Length: > 0 } last ? last : Text(e, "eventTime") is { Length: > 0 } time ? time : Text(e, "metadata", "creationTimestamp"),
        Text(e, "type"), Text(e, "reason"), $"{Text(e, "involvedObject", "kind")}/{Text(e, "involvedObject", "namespace")}/{Text(e, "involvedObject", "name")}", Text(e, "message"),
        e.Body["count"] is YamlScalar count && count.TryGetInteger(out var number) ? number : 1);

    private static string Text(KubernetesObject e, params ReadOnlySpan<string> path) => e.Body.At(path)?.AsString() ?? "";
}
