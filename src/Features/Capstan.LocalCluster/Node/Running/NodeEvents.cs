using System.Threading.Channels;
using Capstan.LocalCluster.ApiServer;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Resources;
using Capstan.Yaml;
using Microsoft.Extensions.Logging;
using Fields = Capstan.LocalCluster.Controllers.ObjectFields;

namespace Capstan.LocalCluster.Node.Running;

/// <summary>Tells in Events what happens to pods. The same event again counts up; when there are too many, the newest are dropped: an event is no promise.</summary>
internal sealed class NodeEvents(ClusterClient cluster, string nodeName, TimeProvider time, ILogger log)
{
    private const int MostWaiting = 1000;
    private const int MostKnown = 2000;

    private readonly Channel<Happening> _waiting = Channel.CreateBounded<Happening>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly Dictionary<string, ObjectKey> _known = new(StringComparer.Ordinal);

    /// <summary>Notes an event; does not wait until it is written.</summary>
    /// <param name="about">The object.</param>
    /// <param name="isWarning">Whether a person may have to act.</param>
    /// <param name="reason">One word.</param>
    /// <param name="message">What happened.</param>
    /// <param name="fieldPath">The container, as <see cref="Pods.ContainerEntry.FieldPath"/> has it; empty for the whole pod.</param>
    public void Record(KubernetesObject about, bool isWarning, string reason, string message, string fieldPath = "") =>
        _waiting.Writer.TryWrite(new Happening(about, isWarning, reason, message, fieldPath));

    /// <summary>Writes events until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        await foreach (var happening in _waiting.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            try
            {
                await WriteAsync(happening, cancellation).ConfigureAwait(false);
            }
            catch (ApiStatusException refused)
            {
                // The namespace is going, or the object is gone: nobody will ask for the event.
                log.EventNotWritten(happening.Reason, happening.About.ToString(), refused.Message);
            }
        }
    }

    private async Task WriteAsync(Happening happening, CancellationToken cancellation)
    {
        var now = Fields.Timestamp(time.GetUtcNow());
        var identity = $"{happening.About.Uid}|{happening.Reason}|{happening.FieldPath}|{happening.Message}";
        if (_known.TryGetValue(identity, out var key) && cluster.Get(key) is not null)
        {
            await cluster.ChangeAsync(key, e => e.With(["count"], (e.Body.Number("count") ?? 1) + 1).With(["lastTimestamp"], now), "", cancellation).ConfigureAwait(false);
            return;
        }

        var name = $"{happening.About.Name}.{Guid.NewGuid().ToString("N")[..16]}";
        var involved = YamlMap.Of(
            ("kind", happening.About.Kind), ("namespace", happening.About.Namespace), ("name", happening.About.Name), ("uid", happening.About.Uid),
            ("apiVersion", happening.About.ApiVersion), ("resourceVersion", happening.About.ResourceVersion));
        involved = happening.FieldPath.Length == 0 ? involved : involved.With("fieldPath", happening.FieldPath);
        var space = happening.About.Namespace.Length == 0 ? "default" : happening.About.Namespace;
        var made = await cluster.CreateAsync(new KubernetesObject(YamlMap.Of(
            ("apiVersion", "v1"),
            ("kind", "Event"),
            ("metadata", YamlMap.Of(("name", name), ("namespace", space))),
            ("involvedObject", involved),
            ("reason", happening.Reason),
            ("message", happening.Message.Length > 1024 ? happening.Message[..1024] : happening.Message),
            ("source", YamlMap.Of(("component", "kubelet"), ("host", nodeName))),
            ("firstTimestamp", now),
            ("lastTimestamp", now),
            ("count", 1L),
            ("type", happening.IsWarning ? "Warning" : "Normal"),
            ("reportingComponent", "kubelet"),
            ("reportingInstance", nodeName))), cancellation).ConfigureAwait(false);
        if (_known.Count >= MostKnown)
        {
            _known.Clear();
        }

        _known[identity] = made.Key;
    }

    private sealed record Happening(KubernetesObject About, bool IsWarning, string Reason, string Message, string FieldPath);
}
