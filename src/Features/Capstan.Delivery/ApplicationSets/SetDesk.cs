using Capstan.Delivery.Applications;
using Capstan.Delivery.ApplicationSets.Controlling;
using Capstan.Delivery.Controllers;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets;

/// <summary>An Application that a set would make.</summary>
/// <param name="Application">The Application.</param>
/// <param name="Problem">Why it would not be created; null when it would.</param>
public sealed record PreviewedApplication(KubernetesObject Application, string? Problem);

/// <summary>What people ask of ApplicationSets: list, get, preview, refresh, agree to deletions.</summary>
public sealed class SetDesk
{
    private readonly Cluster _own;
    private readonly SetController _controller;
    private readonly SetWriter _writer;
    private readonly DeliveryOptions _options;
    private readonly TimeProvider _time;

    internal SetDesk(Cluster own, SetController controller, DeliveryOptions options, TimeProvider time)
    {
        (_own, _controller, _options, _time) = (own, controller, options, time);
        _writer = new SetWriter(own.Client, options.WritesAtOnce);
    }

    /// <summary>Group, version and kind.</summary>
    public static GroupVersionKind Kind => ApplicationSet.Kind;

    /// <summary>What is wrong with a set, as far as it can be told without its generators.</summary>
    public static IReadOnlyList<string> Problems(KubernetesObject set) => ApplicationSetReader.Read(set).Problems;

    /// <summary>All sets, by namespace and name.</summary>
    public IReadOnlyList<KubernetesObject> List() => [.. _options.ApplicationNamespaces
        .SelectMany(space => _own.Live.List(ApplicationSet.Kind.GroupKind, space)).OrderBy(s => s.Namespace, StringComparer.Ordinal).ThenBy(s => s.Name, StringComparer.Ordinal)
        .Select(s => s.Object)];

    /// <summary>A set by its name, the namespaces searched in their order; null when there is none.</summary>
    public KubernetesObject? Find(string name) => _options.ApplicationNamespaces
        .Select(space => _own.Live.Find(new ObjectKey(ApplicationSet.Kind.GroupKind, space, name))?.Object).FirstOrDefault(s => s is not null);

    /// <summary>The Applications that a set would make now. Nothing is written.</summary>
    /// <exception cref="DeliveryException">It would make none, because something in it is wrong or cannot be read.</exception>
    public async Task<IReadOnlyList<PreviewedApplication>> PreviewAsync(KubernetesObject set, CancellationToken cancellation)
    {
        try
        {
            var output = await _controller.GenerateAsync(ApplicationSetReader.Read(set), cancellation).ConfigureAwait(false);
            return [.. output.Applications.Select(a => new PreviewedApplication(a.Object, a.Problem))];
        }
        catch (SetException error)
        {
            throw new DeliveryException($"ApplicationSet/{set.Namespace}/{set.Name}: {error.Message}");
        }
    }

    /// <summary>Has the generators read everything anew.</summary>
    public Task RefreshAsync(ApplicationKey key, CancellationToken cancellation) => AnnotateAsync(key, ApplicationSet.RefreshAnnotation, "true", cancellation);

    /// <summary>Agrees to the deletions that are held.</summary>
    /// <exception cref="DeliveryException">None are.</exception>
    public async Task<IReadOnlyList<string>> ApproveAsync(ApplicationKey key, CancellationToken cancellation)
    {
        var held = _own.Live.Find(new ObjectKey(ApplicationSet.Kind.GroupKind, key.Namespace, key.Name))?.Read().Status.At("capstan", "held", "applications") as YamlList;
        if (held is not { Count: > 0 })
        {
            throw new DeliveryException($"ApplicationSet/{key}: no deletions are held");
        }

        await AnnotateAsync(key, ApplicationSet.ApprovalAnnotation, StatusWriter.Time(_time.GetUtcNow()), cancellation).ConfigureAwait(false);
        return [.. held.Select(a => a.AsString() ?? "")];
    }

    private Task AnnotateAsync(ApplicationKey key, string annotation, string value, CancellationToken cancellation) =>
        _writer.PatchAsync(key, YamlMap.Of(("metadata", YamlMap.Of(("annotations", YamlMap.Of((annotation, value)))))), cancellation);
}
